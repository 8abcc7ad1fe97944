"""What is kept of one answered request.

A record has three parts with three destinies: the header becomes searchable columns,
the trace one compressed field beside them, the private part a row of its own that goes
when the user is erased. Formats evolve by adding fields with defaults at the end.

Whatever the answer depends on stands here or is named here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from msgspec import Meta, Struct, field

from .columns import Columns

MAX_CANDIDATES = 200
MAX_INDEXED_DROPS = 32

# As wide as the columns are. Checked when a record is read back.
type Small = Annotated[int, Meta(ge=0, lt=2**15)]
type Whole = Annotated[int, Meta(ge=0, lt=2**31)]


class Header(Struct, array_like=True, frozen=True, kw_only=True):
    """What decisions are searched by. Nothing personal but `user_hash`."""

    decision_id: bytes
    """16 bytes of a UUIDv7. Its time is when the request came in."""
    org_id: bytes
    namespace_id: int
    route: str
    """`recommendations`, `rerank`, ..."""
    surface: str
    request_id: str
    user_hash: bytes | None
    """HMAC of the user id (audit/pseudonyms.py), None for an anonymous request."""
    key_version: Small
    """Which key hashed the user id."""
    k: Small
    at_us: int
    """The moment that was ranked for, on the namespace's clock. Unix microseconds."""
    segment: str | None
    profile: str
    profile_version: Whole
    model_version: str
    snapshot_hash: bytes
    """Content hash, empty when there was no snapshot."""
    change_number: int
    """The namespace's change number up to which small changes were applied."""
    configuration_hash: bytes
    engine_version: Whole
    rung: Small
    """Step of the degradation ladder, 0 = everything was used."""
    degraded: tuple[str, ...]
    arm: str | None
    answer_digest: bytes
    latency_us: Whole
    dropped: tuple[int, ...] = ()
    """Numbers of items dropped by rule, override or constraint, to be found by them.

    At most 32 are kept here; the trace has all."""
    rule_ids: tuple[bytes, ...] = ()
    override_ids: tuple[bytes, ...] = ()


class Machine(Struct, frozen=True):
    """On what arithmetic the scores were computed."""

    numpy: str
    cpu: str
    blas_threads: int


class Stage(Struct, array_like=True, frozen=True):
    """One step of the pipeline: how many went in and came out, and how long it took."""

    name: str
    n_in: int
    n_out: int
    duration_us: int


class SourceCount(Struct, array_like=True, frozen=True):
    """How many candidates a source gave, and how long it took."""

    count: int
    duration_us: int


class Items(Struct, frozen=True):
    """The answer, best first: entry ``i`` has rank ``i + 1``."""

    ids: list[str]
    """External ids."""
    reasons: list[list[str]]
    columns: Columns
    """`number` (int64), `score` (float64, exact), and float32 columns: what each signal
    and step contributed as `part.<name>`, what diversity saw when it chose the item as
    `mmr.pick_index`, `mmr.relevance`, `mmr.max_sim` and `mmr.penalty`, and how full the
    item's caps were as `cap.brand` and `cap.category`."""


class Drops(Struct, frozen=True):
    """Every candidate that was dropped, and why."""

    reasons: list[str] = field(default_factory=list)
    columns: Columns = field(default_factory=Columns)
    """`number` (int64, ascending is shortest) and `reason` (a place in `reasons`)."""


class Trace(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the answer came about, without anything personal."""

    namespace: str
    request: Any
    """The canonical request as a mapping, without user id and without context."""
    clock: str
    """`wall` or `data`."""
    seed: int
    machine: Machine
    items: Items
    candidates: Columns
    """The best 200 by final score before diversity: `number` (int64), `rank` (1 = best)
    and `slot` (0 = not in the answer); one float32 column per source, `source.<name>`
    (NaN = not from there), further signals as `signal.<name>`, and the float32 columns
    `blended`, `personalised`, `final`."""
    drops: Drops
    rung_reason: str | None = None
    include_reasons: bool = False
    explain_level: str = "tags"
    knobs: Mapping[str, Any] = field(default_factory=dict)
    """The values in force where they differ from the built-in defaults."""
    layers: Mapping[str, str] = field(default_factory=dict)
    """Which layer each of those values came from."""
    policy: Mapping[str, int] = field(default_factory=dict)
    candidate_sources: Mapping[str, SourceCount] = field(default_factory=dict)
    stages: tuple[Stage, ...] = ()
    propensities: Mapping[int, float] = field(default_factory=dict)
    """Slot to the probability with which exploration chose its item."""
    bandit: Mapping[str, Any] = field(default_factory=dict)
    """Policy, posterior version, bucket, experiment and variant that chose the arm."""
    rules: tuple[Mapping[str, Any], ...] = ()
    """What each rule or override that matched did."""
    rules_at_us: int | None = None
    """The moment that the windows of rules were asked for, on the wall clock. None in
    records that were written before there were rules."""
    extras: Mapping[str, Any] = field(default_factory=dict)
    """Anchors, starter profile and whatever else the answer's extras said."""


def _no_history() -> Columns:
    return Columns(
        {
            "event_id": np.empty(0, np.int64),
            "number": np.empty(0, np.int64),
            "type": np.empty(0, np.int16),
            "value": np.empty(0, np.float64),
            "ts_us": np.empty(0, np.int64),
        }
    )


class Private(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was read about the user, exactly as it was read."""

    user_number: int | None = None
    known: bool = False
    """False: the id was unknown and the user ranked as an anonymous one."""
    history: Columns = field(default_factory=_no_history)
    """`event_id`, `number`, `type`, `value`, `ts_us`, newest first."""
    traits: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    """The context values that the namespace allows to be kept, and those that its
    segment rules ask for: the answer depends on them."""
    user_id: str | None = None
    """As it was sent. Segment rules may ask for it, and an unknown id has no number."""


class DecisionRecord(Struct, frozen=True, kw_only=True):
    """Everything kept of one answered request."""

    header: Header
    trace: Trace
    private: Private | None
    """None for a request without a user, context or traits."""
