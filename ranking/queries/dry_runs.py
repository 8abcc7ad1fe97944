"""What would be chosen for somebody, without ranking anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from catalog.core.moments import microseconds
from catalog.models import Namespace, User
from ranking.core.clock import now_us
from ranking.core.request import History, Request
from ranking.core.segments import (
    Match,
    choose_segment,
    compile_segments,
    facts_of,
)

from .configurations import compose


def segment_of(
    namespace: Namespace,
    *,
    user_id: str | None,
    traits: Mapping[str, Any] | None,
    context: Mapping[str, Any],
    at: datetime,
) -> Match:
    """Return the segment of a user, stored or made up, by the rules as they stand."""
    if traits is None:
        traits = _stored_traits(namespace, user_id) if user_id else {}
    surface = context.get("surface")
    request = Request(
        namespace=namespace.name,
        user_id=user_id,
        surface=surface if isinstance(surface, str) else None,
        context=context,
    )
    history = History.anonymous()
    facts = {**facts_of(request, history), "user": {"id": user_id, "traits": traits}}
    newest = namespace.newest_event_at
    moment, _ = now_us(
        namespace.clock,
        wall_us=microseconds(at),
        newest_event_us=microseconds(newest) if newest else None,
    )
    segments = compile_segments(compose(namespace).segments)
    return choose_segment(segments, facts=facts, at_us=moment)


def _stored_traits(namespace: Namespace, user_id: str) -> Mapping[str, Any]:
    found = User.objects.filter(namespace=namespace, user_id=user_id)
    traits = found.values_list("traits", flat=True).first()
    return msgspec.convert(traits or {}, dict[str, Any])
