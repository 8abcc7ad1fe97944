"""Real decisions of the pages that a change is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q, QuerySet

from audit.core.identity import answered_at
from audit.models import Decision
from catalog.models import Namespace
from rules.core.compile import NO_SURFACE
from rules.core.rule import EVERY_SURFACE, Rule

A_BATCH = 250
_READ = (
    "decision_id",
    "decision_day",
    "org_id",
    "namespace_id",
    "surface",
    "segment",
    "trace",
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose pages: a surface, a segment; None for all of either."""

    surface: str | None
    segment: str | None


EVERYTHING = frozenset({Scope(None, None)})


def scopes_of(rules: Iterable[Rule]) -> frozenset[Scope]:
    """Return the scopes of rules, without those that another one holds."""
    found = {
        Scope(None if rule.surface == EVERY_SURFACE else rule.surface, rule.segment)
        for rule in rules
    }
    return frozenset(one for one in found if not any(_holds(o, one) for o in found))


def _holds(wide: Scope, narrow: Scope) -> bool:
    return wide != narrow and all(
        mine is None or mine == theirs
        for mine, theirs in (
            (wide.surface, narrow.surface),
            (wide.segment, narrow.segment),
        )
    )


def count_decisions(
    namespace: Namespace, scopes: frozenset[Scope], *, most: int
) -> int:
    """Return how many decisions of the scopes are stored, up to a bound."""
    return _matching(namespace, scopes).order_by()[:most].count()


def newest_decisions(
    namespace: Namespace, scopes: frozenset[Scope], *, most: int
) -> Iterator[list[Decision]]:
    """Return the newest decisions of the scopes in batches, the newest first."""
    before: UUID | None = None
    left = most
    while left > 0:
        rows = _matching(namespace, scopes)
        if before is not None:
            day = answered_at(before).date()
            rows = rows.filter(decision_day__lte=day, decision_id__lt=before)
        batch = list(rows.order_by("-decision_id").only(*_READ)[: min(A_BATCH, left)])
        if not batch:
            return
        yield batch
        before = batch[-1].decision_id
        left -= len(batch)


def _matching(namespace: Namespace, scopes: frozenset[Scope]) -> QuerySet[Decision]:
    rows = Decision.objects.filter(namespace=namespace)
    if not scopes:
        return rows.none()
    return rows.filter(reduce(or_, map(_condition, scopes)))


def _condition(scope: Scope) -> Q:
    found = Q()
    if scope.surface is not None:
        names = [scope.surface, *([""] if scope.surface == NO_SURFACE else [])]
        found &= Q(surface__in=names)
    if scope.segment is not None:
        found &= Q(segment__iexact=scope.segment)
    return found


def names(scopes: Iterable[Scope], part: str) -> tuple[str, ...]:
    """Return the surfaces or segments of scopes, nothing when one of them is open."""
    found = {getattr(scope, part) for scope in scopes}
    return () if None in found else tuple(sorted(found))
