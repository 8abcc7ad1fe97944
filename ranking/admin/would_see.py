"""What a user would see now, on each surface, by the engine that serves."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from audit.admin import words
from audit.admin.trace_view import main_reason
from audit.core.columns import rows
from catalog.models import Item, Namespace, User
from ranking.core.request import Request
from ranking.models import Profile, ProfileVersion
from ranking.serve import Answer, preview
from ranking.serve.traces import trace_of

_EACH = 8
_USUAL = ("home",)
_MOST_SURFACES = 6


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


def would_see(namespace: Namespace, user: User) -> Sequence[SurfaceView]:
    """Rank for the user on every surface that the profile in force knows."""
    return [
        _viewed(surface, _preview(namespace, user, surface))
        for surface in surfaces_of(namespace)
    ]


def surfaces_of(namespace: Namespace) -> Sequence[str]:
    """Return the surfaces with a bundle of their own, home first and always."""
    profile = Profile.objects.filter(namespace=namespace, in_force=True).first()
    version = (
        ProfileVersion.objects.filter(
            profile=profile, number=profile.published_number
        ).first()
        if profile
        else None
    )
    known = (version.config.get("surfaces") or {}) if version else {}
    return list(dict.fromkeys([*_USUAL, *sorted(known)]))[:_MOST_SURFACES]


def _preview(namespace: Namespace, user: User, surface: str) -> Answer:
    request = Request(
        namespace=namespace.name, surface=surface, user_id=user.user_id, k=_EACH
    )
    return preview(namespace, request, wall_us=time.time_ns() // 1000)


def _viewed(surface: str, answer: Answer) -> SurfaceView:
    trace = trace_of(answer)
    table = list(rows(trace.items.columns))
    items = Item.objects.in_bulk([row["number"] for row in table])
    return SurfaceView(
        surface=surface,
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
