"""Which traces a process need not make, because nobody will keep them."""

from __future__ import annotations

from audit.core.keeping import Keeping, is_sampled
from audit.core.record import Header

_MILLISECONDS = slice(0, 6)
# The second of the newest decision of each namespace, and how many it has so far.
_newest: dict[int, tuple[int, int]] = {}


def wants_trace(header: Header, *, keeping: Keeping) -> bool:
    """Say whether the trace of a decision may be kept, as far as this process knows.

    The drainer decides, who knows what all processes of the host answered in a second.
    Of those of which one process alone answered too many it keeps a sample only, and
    to make the others' traces would be the dearest part of answering.
    """
    if not keeping.traces_per_second:
        return True
    second = int.from_bytes(header.decision_id[_MILLISECONDS]) // 1000
    last, count = _newest.get(header.namespace_id, (second, 0))
    count = count + 1 if last == second else 1
    # Two threads may count one for two, and a trace more is made.
    _newest[header.namespace_id] = second, count
    return count <= keeping.traces_per_second or is_sampled(
        header.decision_id, share=keeping.trace_sample
    )
