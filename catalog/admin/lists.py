"""Lists over millions of rows: pages by key, counts that stop early."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection, models
from django.db.models import Q, QuerySet

PAGE_SIZE = 50
_EXACT_UP_TO = 10_000
# In the planner's unit: about 20 ms of reading.
_CHEAP = 10_000.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Page[M: models.Model]:
    """Some rows in order, and where the next ones begin ("" at the end)."""

    rows: Sequence[M]
    after: str
    is_first: bool


def newest_first[M: models.Model](
    rows: QuerySet[M], *, moment: str, after: str, size: int = PAGE_SIZE
) -> Page[M]:
    """Return a page of rows by (moment, key), newest first, from a cursor on."""
    if place := _parse(after, key_of=rows.model._meta.pk):
        at, key = place
        # The first condition is what the index walks to; the second drops its ties.
        rows = rows.filter(Q(**{f"{moment}__lte": at})).exclude(
            **{moment: at, "pk__gte": key}
        )
    found = list(rows.order_by(f"-{moment}", "-pk")[: size + 1])
    shown = found[:size]
    last = shown[-1] if len(found) > size else None
    return Page(
        rows=shown,
        after=_cursor(getattr(last, moment), last.pk) if last else "",
        is_first=not after,
    )


def _cursor(at: datetime, key: object) -> str:
    return f"{(at - _EPOCH) // timedelta(microseconds=1)}.{key}"


def _parse(
    after: str, *, key_of: models.Field[Any, Any]
) -> tuple[datetime, object] | None:
    """Read a cursor from an address; what is none starts at the beginning."""
    microseconds, _, key = after.partition(".")
    if not microseconds.isdigit() or len(microseconds) > 17:
        return None
    try:
        found = key_of.to_python(key)
    except ValidationError:
        return None
    return _EPOCH + timedelta(microseconds=int(microseconds)), found


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


@dataclass(frozen=True, kw_only=True)
class Choice:
    value: str
    title: str
    is_chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class Facet:
    """One way to narrow a list, as a menu in its filter bar."""

    name: str
    title: str
    choices: Sequence[Choice]

    @property
    def chosen(self) -> Choice | None:
        return next((each for each in self.choices if each.is_chosen), None)


def facet(
    name: str, title: str, choices: Mapping[str, str], *, asked: Mapping[str, str]
) -> Facet:
    """Return a menu; a value that was asked for and is no choice is added to it."""
    value = asked.get(name, "")
    offered = dict(choices)
    if value and value not in offered:
        offered[value] = value
    return Facet(
        name=name,
        title=title,
        choices=[
            Choice(value=each, title=words, is_chosen=each == value)
            for each, words in offered.items()
        ],
    )
