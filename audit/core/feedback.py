"""What may be said of an item of an answer, and for how long it counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from catalog.core.wire import Identity, Moment

type Kind = Literal["impression", "click", "cart", "purchase", "dismissal", "skip"]

KINDS: tuple[str, ...] = (
    "impression",
    "click",
    "cart",
    "purchase",
    "dismissal",
    "skip",
)
"""In the order of their numbers."""

WINDOW_HOURS: Mapping[str, float] = {
    "impression": 24.0,
    "click": 24.0,
    "cart": 72.0,
    "purchase": 168.0,
    "dismissal": 24.0,
    "skip": 24.0,
}
"""For so long after the answer each kind is put down to it, unless set otherwise."""

EARLY_MINUTES = 5
"""A client's clock may be behind ours by so much."""

WAIT_MINUTES = 15
"""An answer is stored within so long, or it was never given."""

LAST_SLOT = 50
"""Figures by slot put all that stand further down together."""


class FeedbackIn(msgspec.Struct, kw_only=True):
    """What somebody did with one item of an answer, as a client sends it."""

    decision_id: Annotated[UUID, Meta(description="From the answer.")]
    kind: Kind
    item_id: Annotated[Identity | None, Meta(description="Or slot; item_id wins.")] = (
        None
    )
    slot: Annotated[
        Annotated[int, Meta(ge=1, le=1_000)] | None,
        Meta(description="Place in the answer, from 1."),
    ] = None
    value: Annotated[float, Meta(ge=-1e12, le=1e12)] | None = None
    ts: Moment | None = None
    feedback_id: Annotated[
        Identity | None,
        Meta(
            description="A repeat is counted and ignored. Without it one of each kind"
            " is kept for an item of an answer."
        ),
    ] = None


def key_of(row: FeedbackIn, *, item: int | None) -> str:
    """Return what a repeat of this has too.

    Examples
    --------
    >>> decision_id = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
    >>> key_of(FeedbackIn(decision_id=decision_id, kind="click", slot=3), item=None)
    's:3:1'
    """
    if row.feedback_id is not None:
        return f"c:{row.feedback_id}"
    kind = KINDS.index(row.kind)
    return f"s:{row.slot}:{kind}" if item is None else f"i:{item}:{kind}"


def decision_named(text: str | None, *, at: datetime) -> UUID | None:
    """Return the decision that a text may name: a UUIDv7 of before that moment.

    Examples
    --------
    >>> from datetime import UTC
    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> decision_named("01890a5d-ac96-774b-bcce-b302099a8057", at=now)
    UUID('01890a5d-ac96-774b-bcce-b302099a8057')
    >>> decision_named("r1", at=now), decision_named(None, at=now)
    (None, None)
    """
    try:
        found = UUID(text or "")
    except ValueError:
        return None
    milliseconds = at.timestamp() * 1000
    return found if found.version == 7 and found.int >> 80 <= milliseconds else None
