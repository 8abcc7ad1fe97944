"""Which traces a process need not make, because nobody will keep them."""

from __future__ import annotations

from audit.core.keeping import Keeping, is_sampled
from audit.core.record import Header

from . import rates

_MILLISECONDS = slice(0, 6)


def wants_trace(header: Header, *, keeping: Keeping) -> bool:
    """Say whether the trace of a decision may be kept, as far as this host knows.

    The drainer decides. But of those beyond what is kept of a second it keeps a sample
    only, and to make the others' traces would be the dearest part of answering.
    """
    if not keeping.traces_per_second:
        return True
    second = int.from_bytes(header.decision_id[_MILLISECONDS]) // 1000
    count = rates.count(header.namespace_id, second=second)
    return count <= keeping.traces_per_second or is_sampled(
        header.decision_id, share=keeping.trace_sample
    )
