"""What the pages take that rules pin to: as answered lately, within the knobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.module_loading import import_string

from audit.models import Decision
from catalog.models import Namespace
from rules.core.content import Content
from rules.core.pages import Page
from rules.core.rule import EVERY_SURFACE, Action

_LATELY = timedelta(days=7)
_NEWEST = 50
_MOST_SURFACES = 20


def pages_of(
    namespace: Namespace, contents: Iterable[Content], *, at: datetime
) -> Mapping[str, Page]:
    """Return the pages that rules pin to; of very many surfaces the first twenty."""
    pinned = {each.rule.surface for each in contents if each.rule.action == Action.PIN}
    if not pinned:
        return {}
    surfaces = sorted(pinned)[:_MOST_SURFACES]
    # Knobs are ranking's, which rules may not import.
    most_pins = import_string(settings.PIN_LIMITS)(namespace, surfaces)
    return {
        surface: _page(namespace, surface, pins=most_pins[surface], at=at)
        for surface in surfaces
    }


def _page(namespace: Namespace, surface: str, *, pins: int, at: datetime) -> Page:
    rows = Decision.objects.filter(
        namespace=namespace, decision_day__gte=(at - _LATELY).date()
    )
    if surface != EVERY_SURFACE:
        rows = rows.filter(surface=surface)
    lengths = list(rows.order_by("-decision_id").values_list("k", flat=True)[:_NEWEST])
    if not lengths:
        return Page(pins=pins)
    return Page(places=max(lengths), pins=pins, is_seen=True)
