"""Finding some of millions of decisions, newest first, in time.

Decisions lie in a partition a day. A search goes from day to day and stops at the first
full page, so that a common condition touches one day and a rare one as many indexes as
there are days. Not every mixture of conditions has an index; what is not found in time
is looked for among the next few thousand decisions, and the page says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from audit.core.identity import first_id_of_day
from audit.models import Decision
from catalog.core.pages import MAX_EXACT_TOTAL
from catalog.models import Namespace
from catalog.queries.patience import within

from .decisions import DecisionFilter, conditions

_DAYS_ALONE = 8


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How long to look."""

    patience_ms: int = 80
    """For each of the two ways to search."""
    count_patience_ms: int = 40
    window: int = 5_000
    """So many decisions are looked through where all would take too long."""


USUAL = Effort()


@dataclass(frozen=True, kw_only=True)
class DecisionPage:
    """A stretch of a list, newest first."""

    decisions: list[Decision]
    has_more: bool
    total: int
    total_is_estimate: bool
    further: UUID | None = None
    """Where looking stopped, when it stopped before the page was full."""

    @property
    def next_before(self) -> UUID | None:
        """Pass it as `before` for the next page; None on the last."""
        if not self.has_more:
            return None
        return self.further or self.decisions[-1].decision_id


@dataclass(kw_only=True)
class _Walk:
    """A search on its way from the newest day to the oldest."""

    matching: QuerySet[Decision]
    plainly: QuerySet[Decision]
    """The same, without an index for texts."""
    wanted: int
    skipped: int
    below: UUID | None
    """Everything from this id on was looked at."""
    found: list[Decision] = field(default_factory=list)

    @property
    def missing(self) -> int:
        return self.wanted + self.skipped - len(self.found)

    def through(self, stretches: Iterator[tuple[date, date]]) -> bool:
        """Look through stretches of days until enough is found."""
        for first, last in stretches:
            days = Q(decision_day__gte=first, decision_day__lte=last)
            self.take(self.matching.filter(days))
            if self.missing <= 0:
                break
            self.below = first_id_of_day(first)
        return True

    def take(self, rows: QuerySet[Decision]) -> None:
        if self.below is not None:
            rows = rows.filter(_below(self.below))
        # Ids sort by time, so that this is the order of an index in every partition.
        self.found += rows.order_by("-decision_id")[: self.missing]

    def through_window(
        self, everything: QuerySet[Decision], *, size: int
    ) -> UUID | None:
        """Look through the next few thousand; return their end, None for the list's."""
        rows = everything
        if self.below is not None:
            rows = rows.filter(_below(self.below))
        ids = rows.order_by("-decision_id").values_list("decision_id", flat=True)
        end: UUID | None = ids[size - 1 : size].first()
        near = self.matching
        if end is not None:
            day = _day(end)
            near = near.filter(decision_day__gte=day, decision_id__gte=end)
        self.take(near)
        return end


def list_decisions(
    namespace: Namespace,
    chosen: DecisionFilter,
    *,
    limit: int,
    before: UUID | None = None,
    offset: int = 0,
    effort: Effort = USUAL,
) -> DecisionPage:
    """Return decisions from the newest on, after `offset` or below the id `before`."""
    of_namespace = Decision.objects.filter(namespace=namespace)
    matching = of_namespace.filter(conditions(chosen))
    # One more than is shown tells whether there is another page.
    walk = _Walk(
        matching=matching,
        plainly=of_namespace.filter(conditions(chosen, arrays_first=True)),
        wanted=limit + 1,
        skipped=offset,
        below=before,
    )
    further = None
    if not _is_found(walk, chosen, before, patience_ms=effort.patience_ms):
        in_window = DecisionFilter(since=chosen.since, until=chosen.until)
        everything = of_namespace.filter(conditions(in_window))
        further = walk.through_window(everything, size=effort.window)
    found = walk.found[offset : offset + limit]
    is_full = walk.missing <= 0
    is_whole = not is_full and further is None and before is None
    total, is_estimate = (
        (len(walk.found), False)
        if is_whole
        else _total(matching, chosen, patience_ms=effort.count_patience_ms)
    )
    return DecisionPage(
        decisions=found,
        has_more=is_full or further is not None,
        further=None if is_full else further,
        total=total,
        total_is_estimate=is_estimate,
    )


def _is_found(
    walk: _Walk, chosen: DecisionFilter, before: UUID | None, *, patience_ms: int
) -> bool:
    """Search in order, then by conditions; return whether either came to its end."""

    def search() -> bool:
        below = before if walk.below is None else walk.below
        return walk.through(_stretches(chosen, below))

    if within(patience_ms, search) is not None:
        return True
    if not _names_something(chosen):
        return False
    # Of what is in few arrays the planner thinks that it is in many, and goes through
    # all decisions in their order until it has met enough.
    walk.matching = walk.plainly
    with _by_conditions():
        return within(patience_ms, search) is not None


def _names_something(chosen: DecisionFilter) -> bool:
    named = (
        chosen.item_number,
        chosen.dropped_number,
        chosen.rule_id,
        chosen.override_id,
    )
    return any(each is not None for each in named)


@contextmanager
def _by_conditions() -> Iterator[None]:
    """Let PostgreSQL find rows by their conditions first, and sort them afterwards."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off")
        yield
        cursor.execute("SET LOCAL enable_indexscan = DEFAULT")


def _stretches(
    chosen: DecisionFilter, before: UUID | None
) -> Iterator[tuple[date, date]]:
    """Return first and last days to look through, the newest first.

    Single days at first, then ever longer stretches: of a window of years nobody waits
    for a question a day.
    """
    last = date.max if chosen.until is None else chosen.until.date()
    if before is not None:
        last = min(last, _day(before))
    oldest = date.min if chosen.since is None else chosen.since.date()
    if last == date.max or oldest == date.min:
        yield oldest, last
        return
    length, count = 1, 0
    while last >= oldest:
        first = max(oldest, last - timedelta(days=length - 1))
        yield first, last
        last = first - timedelta(days=1)
        count += 1
        length = 1 if count < _DAYS_ALONE else 2 * length


def _day(bound: UUID) -> date:
    """Return the day of an id, also of one that is a bound and no decision's."""
    return datetime.fromtimestamp((bound.int >> 80) / 1000, UTC).date()


def _below(before: UUID) -> Q:
    # The day lets PostgreSQL leave newer partitions out.
    return Q(decision_day__lte=_day(before), decision_id__lt=before)


def _total(
    matching: QuerySet[Decision], chosen: DecisionFilter, *, patience_ms: int
) -> tuple[int, bool]:
    """Count up to 100,000 rows if that is quick; else ask the planner."""
    how = _by_conditions() if _names_something(chosen) else nullcontext()
    with how:
        exact = within(patience_ms, matching.order_by()[: MAX_EXACT_TOTAL + 1].count)
    if exact is not None and exact <= MAX_EXACT_TOTAL:
        return exact, False
    plan = json.loads(matching.order_by().explain(format="json"))
    return max(int(plan[0]["Plan"]["Plan Rows"]), exact or 0), True
