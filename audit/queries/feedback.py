"""What came of answers: the one way in which counts are read and made figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import F, Sum
from django.db.models.functions import TruncDay

from audit.core.proportions import LEAST_TRIALS, Share, wilson
from audit.models import Feedback, FeedbackHour, RuleHour
from catalog.models import Namespace

COUNTS = (
    "answers",
    "served",
    "impressions",
    "clicks",
    "carts",
    "purchases",
    "dismissals",
    "skips",
)
MOST_ROWS = 100


class Dimension(StrEnum):
    """By what figures are split."""

    ALL = "all"
    SURFACE = "surface"
    SEGMENT = "segment"
    PROFILE = "profile"
    SLOT = "slot"
    RULE = "rule"
    """Answers in which a rule or override met items, told by its id."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Answers of some hours and what came of them."""

    answers: int = 0
    served: int = 0
    impressions: int = 0
    clicks: int = 0
    carts: int = 0
    purchases: int = 0
    dismissals: int = 0
    skips: int = 0

    @property
    def shown(self) -> int:
        """Of how many the shares are: of what was seen, where somebody says that."""
        return self.impressions if self.is_of_impressions else self.served

    @property
    def is_of_impressions(self) -> bool:
        # Clicks without impressions: whoever sends them does not send those.
        return self.impressions >= max(self.clicks, self.purchases, 1)

    @property
    def ctr(self) -> Share | None:
        return self._share(self.clicks)

    @property
    def conversion(self) -> Share | None:
        return self._share(self.purchases)

    @property
    def has_enough(self) -> bool:
        """Whether a share of it says anything."""
        return self.shown >= LEAST_TRIALS

    def _share(self, hits: int) -> Share | None:
        shown = self.shown
        # Without impressions and before its answer was counted a click may stand alone.
        return wilson(min(hits, shown), shown) if self.has_enough else None


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Counts of one surface, segment, profile version, rule or slot."""

    value: str
    counts: Counts


@dataclass(frozen=True, kw_only=True)
class Figures:
    rows: Sequence[Figure]
    more: int
    """How many rows there are besides, all smaller."""


def figures(
    namespace: Namespace, dimension: Dimension, *, since: datetime, until: datetime
) -> Figures:
    """Return counts by one property, the most served first; slots in their order."""
    rows = _hours(namespace, dimension, since=since, until=until)
    sums = rows.values("value").annotate(**_sums()).order_by("value")
    found = [Figure(value=str(row["value"]), counts=_counts(row)) for row in sums]
    if dimension is Dimension.SLOT:
        found.sort(key=lambda each: int(each.value))
    else:
        found.sort(key=lambda each: -each.counts.served)
    return Figures(rows=found[:MOST_ROWS], more=max(len(found) - MOST_ROWS, 0))


def total(
    namespace: Namespace,
    *,
    since: datetime,
    until: datetime,
    dimension: Dimension = Dimension.ALL,
    value: str = "",
) -> Counts:
    """Return the counts of one value over some time, of all answers by default."""
    rows = _hours(namespace, dimension, since=since, until=until).filter(value=value)
    return _counts(rows.aggregate(**_sums()))


def by_day(
    namespace: Namespace, *, since: datetime, until: datetime
) -> dict[Any, Counts]:
    """Return the counts of all answers by UTC day."""
    rows = _hours(namespace, Dimension.ALL, since=since, until=until)
    sums = rows.annotate(day=TruncDay("hour")).values("day").annotate(**_sums())
    return {row["day"].date(): _counts(row) for row in sums.order_by("day")}


def feedback_of(decision_id: Any, *, day: Any) -> list[Feedback]:
    """Return all that was said of one answer, by slot and time."""
    rows = Feedback.objects.filter(decision_day=day, decision_id=decision_id)
    return list(rows.order_by("slot", "kind", "at", "key")[:1_000])


def _hours(
    namespace: Namespace, dimension: Dimension, *, since: datetime, until: datetime
) -> Any:
    hours: Any
    if dimension is Dimension.RULE:
        # Not where it was held out: those answers are what it is compared with.
        rules = RuleHour.objects.filter(namespace=namespace, held=False)
        hours = rules.annotate(value=F("rule_id"))
    else:
        of = FeedbackHour.objects.filter(namespace=namespace)
        hours = of.filter(dimension=dimension)
    return hours.filter(hour__gte=since, hour__lt=until)


def _sums() -> dict[str, Sum]:
    return {f"sum_{name}": Sum(name, default=0) for name in COUNTS}


def _counts(row: Any) -> Counts:
    return Counts(**{name: int(row[f"sum_{name}"]) for name in COUNTS})


def added(each: Iterable[Counts]) -> Counts:
    """Return the sum of counts.

    >>> added([Counts(clicks=1), Counts(clicks=2)]).clicks
    3
    """
    return Counts(**dict(_added(list(each))))


def _added(known: Sequence[Counts]) -> Iterator[tuple[str, int]]:
    for name in COUNTS:
        yield name, sum(getattr(counts, name) for counts in known)
