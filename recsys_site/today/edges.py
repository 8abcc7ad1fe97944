"""Which rules start and end in the next seven days, day by day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from catalog.models import Namespace
from rules.models import IN_FORCE, Rule

DAYS = 7
_MOST = 60
_MOST_A_DAY = 4


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A rule starts or ends."""

    starts: bool
    at: datetime
    """In the namespace's zone."""
    name: str
    rule_id: UUID


@dataclass(frozen=True, kw_only=True)
class EdgeDay:
    day: date
    is_today: bool
    edges: Sequence[Edge]
    more: int


@dataclass(frozen=True, kw_only=True)
class Edges:
    days: Sequence[EdgeDay]
    count: int
    is_cut: bool
    """Whether there are more than could be counted here."""


def edges(namespace: Namespace, *, at: datetime) -> Edges:
    zone = ZoneInfo(namespace.time_zone)
    today = at.astimezone(zone).date()
    last = today + timedelta(days=DAYS)
    until = datetime.combine(last, datetime.min.time(), zone)
    found = list(_between(namespace, at, until))
    found.sort(key=lambda each: (each.at, each.name))
    by_day: dict[date, list[Edge]] = {}
    for edge in found:
        by_day.setdefault(edge.at.date(), []).append(edge)
    days = [today + timedelta(days=ahead) for ahead in range(DAYS)]
    return Edges(
        days=[
            EdgeDay(
                day=day,
                is_today=day == today,
                edges=by_day.get(day, [])[:_MOST_A_DAY],
                more=max(len(by_day.get(day, [])) - _MOST_A_DAY, 0),
            )
            for day in days
        ]
        if found
        else [],
        count=len(found),
        is_cut=len(found) >= _MOST,
    )


def _between(namespace: Namespace, start: datetime, end: datetime) -> Iterator[Edge]:
    zone = ZoneInfo(namespace.time_zone)
    starts = Q(starts_at__gt=start, starts_at__lt=end)
    ends = Q(ends_at__gt=start, ends_at__lt=end)
    rules = Rule.objects.filter(
        starts | ends, namespace=namespace, state__in=IN_FORCE, is_override=False
    )
    for rule in rules.order_by("ends_at", "starts_at", "pk")[:_MOST]:
        for moment, begins in ((rule.starts_at, True), (rule.ends_at, False)):
            if moment is not None and start < moment < end:
                yield Edge(
                    starts=begins,
                    at=moment.astimezone(zone),
                    name=rule.name,
                    rule_id=rule.pk,
                )
