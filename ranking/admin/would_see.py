"""What a user would see, on each surface, by the engine that serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from audit.admin import words
from audit.admin.trace_view import main_reason
from audit.core.columns import rows
from catalog.core.preview_as import PreviewAs
from catalog.models import Item, Namespace, User
from ranking.serve import Answer
from ranking.serve.traces import trace_of

from .visitors import Visitor, ranked_for, surfaces_of

_EACH = 8


@dataclass(frozen=True, kw_only=True)
class Place:
    slot: int
    item: Item | None
    item_id: str
    score: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class SurfaceView:
    surface: str
    segment: str
    degraded: Sequence[str]
    places: Sequence[Place]


def would_see(
    namespace: Namespace, user: User, *, asked: PreviewAs, now: datetime
) -> Sequence[SurfaceView]:
    """Rank for the user on the surface asked for, else on every one with a bundle."""
    surfaces = [asked.surface] if asked.surface else surfaces_of(namespace)
    at = asked.moment(namespace.time_zone, now=now)
    return [
        _viewed(
            Visitor(namespace=namespace, surface=surface, user_id=user.user_id, at=at)
        )
        for surface in surfaces
    ]


def _viewed(visitor: Visitor) -> SurfaceView:
    answer: Answer = ranked_for(visitor, k=_EACH)
    trace = trace_of(answer)
    table = list(rows(trace.items.columns))
    items = Item.objects.in_bulk([row["number"] for row in table])
    return SurfaceView(
        surface=visitor.surface,
        segment=answer.canonical["segment_id"] or "",
        degraded=[words.degradation(code) for code in answer.degraded],
        places=[
            Place(
                slot=slot,
                item=items.get(row["number"]),
                item_id=trace.items.ids[slot - 1],
                score=row["score"],
                reason=words.reason(main_reason(trace.items.reasons[slot - 1], row)),
            )
            for slot, row in enumerate(table, start=1)
        ],
    )
