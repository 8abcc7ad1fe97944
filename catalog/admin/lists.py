"""Lists over millions of rows: pages by key, counts that stop early.

Not every way to narrow a list has an index, and none can have one for all of them
together. What is not answered in time is looked for among the next few thousand rows
of the list, and the page says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection, models
from django.db.models import QuerySet
from django.db.models.fields.tuple_lookups import (
    Tuple,
    TupleGreaterThanOrEqual,
    TupleLessThan,
)

from catalog.core.moments import from_microseconds, microseconds
from catalog.queries.patience import within

__all__ = [
    "PAGE_SIZE",
    "WINDOW",
    "Count",
    "Order",
    "Page",
    "count",
    "newest_first",
    "within",
]

PAGE_SIZE = 50
WINDOW = 5_000
"""So many rows are looked through where all of them would take too long."""

_PATIENCE_MS = 150
_EXACT_UP_TO = 10_000
# In the planner's unit: about 20 ms of reading.
_CHEAP = 10_000.0


@dataclass(frozen=True, kw_only=True)
class Page[M: models.Model]:
    """Some rows in order, and where the next ones begin ("" at the end)."""

    rows: Sequence[M]
    after: str
    is_first: bool
    looked_through: int = 0
    """How many rows of the list were looked through; 0 for all of them."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """By a moment and the key, newest first."""

    moment: str

    def sorted[M: models.Model](self, rows: QuerySet[M]) -> QuerySet[M]:
        return rows.order_by(f"-{self.moment}", "-pk")

    def below[M: models.Model](self, rows: QuerySet[M], place: Place) -> QuerySet[M]:
        return rows.filter(TupleLessThan(self._columns, place))

    def down_to[M: models.Model](self, rows: QuerySet[M], place: Place) -> QuerySet[M]:
        return rows.filter(TupleGreaterThanOrEqual(self._columns, place))

    def cursor(self, row: models.Model) -> str:
        at: datetime = getattr(row, self.moment)
        return f"{microseconds(at)}.{row.pk}"

    @property
    def _columns(self) -> Tuple:
        return Tuple(self.moment, "pk")


type Place = tuple[datetime, Any]
"""Moment and key of a row."""


def newest_first[M: models.Model](
    rows: QuerySet[M],
    *,
    moment: str,
    after: str,
    among: QuerySet[M] | None = None,
    size: int = PAGE_SIZE,
) -> Page[M]:
    """Return a page of rows by (moment, key), newest first, from a cursor on.

    `among` is the list before it was narrowed, if it was: of it a window is looked
    through when the rows cannot be found in time.
    """
    order = Order(moment=moment)
    if place := _parse(after, key_of=rows.model._meta.pk):
        rows = order.below(rows, place)
        among = None if among is None else order.below(among, place)
    wanted = order.sorted(rows)[: size + 1]
    found = (
        list(wanted) if among is None else within(_PATIENCE_MS, lambda: list(wanted))
    )
    if found is not None:
        return _page(found, order=order, size=size, is_first=not after)
    assert among is not None
    return _windowed(rows, order=order, among=among, size=size, is_first=not after)


def _page[M: models.Model](
    found: Sequence[M], *, order: Order, size: int, is_first: bool
) -> Page[M]:
    shown = found[:size]
    after = order.cursor(shown[-1]) if len(found) > size else ""
    return Page(rows=shown, after=after, is_first=is_first)


def _windowed[M: models.Model](
    rows: QuerySet[M],
    *,
    order: Order,
    among: QuerySet[M],
    size: int,
    is_first: bool,
) -> Page[M]:
    end = order.sorted(among)[WINDOW - 1 : WINDOW].first()
    if end is not None:
        rows = order.down_to(rows, (getattr(end, order.moment), end.pk))
    page = _page(
        list(order.sorted(rows)[: size + 1]), order=order, size=size, is_first=is_first
    )
    further = page.after or (order.cursor(end) if end is not None else "")
    return replace(page, after=further, looked_through=WINDOW)


def _parse(after: str, *, key_of: models.Field[Any, Any]) -> Place | None:
    """Read a cursor from an address; what is none starts at the beginning."""
    since_us, _, key = after.partition(".")
    if not since_us.isdigit() or len(since_us) > 17:
        return None
    try:
        found = key_of.to_python(key)
    except ValidationError:
        return None
    return from_microseconds(int(since_us)), found


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many rows there are: counted while cheap, else as the planner guesses."""

    number: int
    is_exact: bool


def count(rows: QuerySet[Any]) -> Count:
    """Count where that is cheap; else tell what the planner guesses, which is free."""
    plan = _plan(rows.order_by())
    guess = Count(number=int(plan["Plan Rows"]), is_exact=False)
    if plan["Total Cost"] > _CHEAP:
        return guess
    counted = rows.order_by()[: _EXACT_UP_TO + 1].count()
    return Count(number=counted, is_exact=True) if counted <= _EXACT_UP_TO else guess


def _plan(rows: QuerySet[Any]) -> Mapping[str, Any]:
    try:
        sql, parameters = rows.values("pk").query.sql_with_params()
    except EmptyResultSet:  # Django knows that nothing can match.
        return {"Plan Rows": 0, "Total Cost": 0.0}
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
        answer = cursor.fetchone()[0]
    decoded = json.loads(answer) if isinstance(answer, str) else answer
    plan: Mapping[str, Any] = decoded[0]["Plan"]
    return plan
