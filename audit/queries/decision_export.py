"""Every decision that conditions hold for, in pieces, oldest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from audit.core.identity import first_id_of_day
from audit.core.record import Trace
from audit.models import Decision
from catalog.models import Namespace
from catalog.tenancy import org_scope

from .decisions import (
    DecisionFilter,
    conditions,
    item_ids_of,
    numbers_in,
    open_trace_of,
)

PIECE = 100


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A decision with its trace, None when sampling left that out."""

    decision: Decision
    trace: Trace | None


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Some decisions, and the external ids of the items that they name by number."""

    decisions: list[Exported]
    item_ids: dict[int, str]


def pieces_of(namespace: Namespace, chosen: DecisionFilter) -> Iterator[Piece]:
    """Read piece by piece, each with the ids of what it names by number."""
    for read in read_all(namespace, chosen):
        numbers = {n for each in read if each.trace for n in numbers_in(each.trace)}
        with org_scope(namespace.org_id):
            ids = item_ids_of(numbers)
        yield Piece(decisions=read, item_ids=ids)


def read_all(namespace: Namespace, chosen: DecisionFilter) -> Iterator[list[Exported]]:
    """Read decisions with their traces, each piece in a transaction of its own.

    Neither all decisions are held in memory nor one snapshot of the database for as
    long as the reader takes. A filter with a window is needed, see `with_window`.
    """
    assert chosen.since is not None
    assert chosen.until is not None
    day, last = chosen.since.date(), chosen.until.date()
    after: UUID = first_id_of_day(day)
    while day <= last:
        read = _read(namespace, chosen, day=day, after=after)
        if read:
            yield read
            after = read[-1].decision.decision_id
        if len(read) < PIECE:
            day += timedelta(days=1)
            after = first_id_of_day(day)


def _read(
    namespace: Namespace, chosen: DecisionFilter, *, day: date, after: UUID
) -> list[Exported]:
    with org_scope(namespace.org_id):
        rows = Decision.objects.filter(
            conditions(chosen),
            namespace=namespace,
            decision_day=day,
            decision_id__gt=after,
        )
        return [
            Exported(decision=each, trace=open_trace_of(each))
            for each in rows.order_by("decision_id")[:PIECE]
        ]
