"""How often an item was served lately."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from audit.core.identity import first_id_at
from audit.models import Decision
from catalog.models import Namespace

DAYS = 28
_MOST = 5_000


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """Answers that held the item, per day, oldest first; the newest 5,000 at most."""

    total: int
    is_cut: bool
    per_day: Sequence[int]
    mean_slot: float | None
    newest: Sequence[Decision]
    days: int = DAYS


def exposure_of(namespace: Namespace, number: int, *, at: datetime) -> Exposure:
    since = at - timedelta(days=DAYS)
    found = list(
        Decision.objects.filter(
            namespace=namespace,
            items__contains=[number],
            decision_day__gte=since.date(),
            decision_id__gte=first_id_at(since),
        )
        .defer("trace")
        .order_by("-decision_id")[:_MOST]
    )
    zone = ZoneInfo(namespace.time_zone)
    today = at.astimezone(zone).date()
    ages = Counter(
        (today - each.answered_at.astimezone(zone).date()).days for each in found
    )
    slots = [each.items.index(number) + 1 for each in found]
    return Exposure(
        total=len(found),
        is_cut=len(found) == _MOST,
        per_day=[ages[age] for age in range(DAYS - 1, -1, -1)],
        mean_slot=sum(slots) / len(slots) if slots else None,
        newest=found[:5],
    )
