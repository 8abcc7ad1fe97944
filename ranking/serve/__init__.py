"""Request → rank → trace: the only place where the three meet.

The API, the admin's previews and whatever client family comes next are thin adapters
over these five calls. `answer` keeps a decision; the others leave nothing behind.
"""

from .answering import answer
from .call import Answer, Call
from .looking import preview, similar, validate
from .replaying import Mode, Replay, Variation, replay
from .served import NothingToServeError, current

__all__ = [
    "Answer",
    "Call",
    "Mode",
    "NothingToServeError",
    "Replay",
    "Variation",
    "answer",
    "current",
    "preview",
    "replay",
    "similar",
    "validate",
]
