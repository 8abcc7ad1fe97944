"""Request → rank → trace: the only place where the three meet.

The API, the admin's previews and whatever client family comes next are thin adapters
over these five calls. `answer` keeps a decision; the others leave nothing behind.
"""

from .answering import answer, new_decision_id
from .call import Answer, Call
from .deciding import BanditCall, Decided, NoPolicyError, decide_policy
from .looking import preview, similar, validate
from .replaying import Mode, Replay, Variation, replay
from .served import NothingToServeError, current

__all__ = [
    "Answer",
    "BanditCall",
    "Call",
    "Decided",
    "Mode",
    "NoPolicyError",
    "NothingToServeError",
    "Replay",
    "Variation",
    "answer",
    "current",
    "decide_policy",
    "new_decision_id",
    "preview",
    "replay",
    "similar",
    "validate",
]
