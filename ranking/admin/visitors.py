"""A visitor as staff describe one, and what the engine would serve."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from catalog.core.moments import microseconds
from catalog.core.preview_as import PreviewAs
from catalog.models import Namespace
from ranking.core.request import Request
from ranking.models import Profile, ProfileVersion
from ranking.serve import Answer, preview
from ranking.serve.previews import within_segment
from ranking.serve.served import current

HOME = "home"
_MOST_SURFACES = 6


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Somebody on a surface at a moment: a user, one of a segment, or nobody known."""

    namespace: Namespace
    surface: str
    at: datetime
    user_id: str | None = None
    segment: str | None = None

    @property
    def audience(self) -> str:
        return self.user_id or self.segment or "an anonymous visitor"


def visitor_of(asked: PreviewAs, namespace: Namespace, *, now: datetime) -> Visitor:
    """Return the visitor that an address describes, on the home page if on none."""
    return Visitor(
        namespace=namespace,
        surface=asked.surface or HOME,
        at=asked.moment(namespace.time_zone, now=now),
        user_id=asked.user_id,
        segment=asked.segment,
    )


def ranked_for(visitor: Visitor, *, k: int) -> Answer:
    """Return what the visitor would be shown, without leaving a trace."""
    namespace, draft = visitor.namespace, None
    if visitor.segment is not None:
        served = current(namespace).plan.configuration
        draft = within_segment(served, visitor.segment)
    request = Request(
        namespace=namespace.name, surface=visitor.surface, user_id=visitor.user_id, k=k
    )
    wall_us = microseconds(visitor.at)
    return preview(namespace, request, wall_us=wall_us, draft=draft)


def surfaces_of(namespace: Namespace) -> list[str]:
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
    return list(dict.fromkeys([HOME, *sorted(known)]))[:_MOST_SURFACES]
