"""How often an item was served lately."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F, Func, IntegerField, QuerySet, Value

from audit.core.identity import first_id_at
from audit.models import Decision
from catalog.models import Namespace

DAYS = 28
_MOST = 5_000
_NEWEST = 5


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
    found = _answers_with(namespace, number, since=at - timedelta(days=DAYS))
    slot = Func(
        F("items"),
        Value(number),
        function="array_position",
        output_field=IntegerField(),
    )
    # Whole rows of thousands of answers would cost more than all that is shown.
    rows = list(found.values_list("decision_id", "answered_at", slot)[:_MOST])
    zone = ZoneInfo(namespace.time_zone)
    today = at.astimezone(zone).date()
    ages = Counter(
        (today - moment.astimezone(zone).date()).days for _, moment, _ in rows
    )
    newest = Decision.objects.defer("trace").in_bulk([row[0] for row in rows[:_NEWEST]])
    return Exposure(
        total=len(rows),
        is_cut=len(rows) == _MOST,
        per_day=[ages[age] for age in range(DAYS - 1, -1, -1)],
        mean_slot=sum(slot for _, _, slot in rows) / len(rows) if rows else None,
        newest=sorted(newest.values(), key=lambda each: each.decision_id, reverse=True),
    )


def _answers_with(
    namespace: Namespace, number: int, *, since: datetime
) -> QuerySet[Decision]:
    return Decision.objects.filter(
        namespace=namespace,
        items__contains=[number],
        decision_day__gte=since.date(),
        decision_id__gte=first_id_at(since),
    ).order_by("-decision_id")
