"""For how long a namespace keeps its decisions, and of which it keeps the trace."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from .codec import Envelope

KEEP_DAYS = 30
TRACES_PER_SECOND = 50.0
TRACE_SAMPLE = 0.1
_MOST_DAYS = 3_650
# Of a decision's id: when it was made.
_MILLISECONDS = slice(0, 6)


class Keeping(Struct, frozen=True, kw_only=True):
    """What of its decisions a namespace keeps."""

    days: int = KEEP_DAYS
    """Whole days, at least 1."""
    traces_per_second: float = TRACES_PER_SECOND
    """So many decisions a second keep their trace; 0 for all of them."""
    trace_sample: float = TRACE_SAMPLE
    """The share, in [0, 1], of those beyond that keep it too."""


def keeping_of(switches: Mapping[str, Any], *, default: Keeping) -> Keeping:
    """Return what a namespace's switches say, and the default where they are silent.

    What makes no sense there counts as silence: nothing may be lost by a slip.

    Examples
    --------
    >>> keeping_of({"keep_days": 7, "trace_sample": "all"}, default=Keeping()).days
    7
    """
    return Keeping(
        days=int(_number(switches, "keep_days", (1, _MOST_DAYS), default.days)),
        traces_per_second=_number(
            switches, "traces_per_second", (0, 1e9), default.traces_per_second
        ),
        trace_sample=_number(switches, "trace_sample", (0, 1), default.trace_sample),
    )


def without_trace(
    envelopes: Iterable[Envelope], *, keeping: Mapping[int, Keeping]
) -> set[bytes]:
    """Return the ids of decisions whose trace is not to be kept.

    Of each second of a namespace so many keep theirs, and besides those that a hash of
    their id chooses: the same ones on every host. Processes leave traces out by the
    order of answering (audit/spool/sampling.py), so that what came without one does
    not count here.

    Parameters
    ----------
    envelopes : iterable of Envelope
        Decisions that are stored together.
    keeping : mapping of int to Keeping
        By number of the namespace; one that is not in it keeps all.
    """
    seen: Counter[tuple[int, int]] = Counter()
    out = set()
    for envelope in envelopes:
        header = envelope.header
        wanted = keeping.get(header.namespace_id)
        if not envelope.trace or wanted is None or not wanted.traces_per_second:
            continue
        if is_sampled(header.decision_id, share=wanted.trace_sample):
            continue
        second = int.from_bytes(header.decision_id[_MILLISECONDS]) // 1000
        seen[header.namespace_id, second] += 1
        if seen[header.namespace_id, second] > wanted.traces_per_second:
            out.add(header.decision_id)
    return out


def is_sampled(decision_id: bytes, *, share: float) -> bool:
    """Return whether a decision is among the share that is kept.

    Examples
    --------
    >>> is_sampled(bytes(16), share=1.0), is_sampled(bytes(16), share=0.0)
    (True, False)
    """
    # Not the hash that chance is drawn from: what is kept must be like what is not.
    drawn = hashlib.sha256(b"kept trace\0" + decision_id).digest()[:8]
    return int.from_bytes(drawn) < share * 2**64


def _number(
    switches: Mapping[str, Any],
    name: str,
    limits: tuple[float, float],
    default: float,
) -> float:
    value = switches.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return default
    least, most = limits
    return value if least <= value <= most else default
