"""Decisions of the org in scope."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from audit.core.codec import open_private, open_trace
from audit.core.identity import answered_at, day_of, first_id_at
from audit.core.record import Private, Trace
from audit.models import Decision, DecisionPrivate
from catalog.core.pages import MAX_EXACT_TOTAL
from catalog.models import Item, Namespace


@dataclass(frozen=True, kw_only=True)
class DecisionFilter:
    """Conditions that all hold; what is None is no condition."""

    since: datetime | None = None
    until: datetime | None = None
    """Before this moment."""
    user_hashes: Sequence[bytes] | None = None
    """One per version of the key that may have hashed the user."""
    request_id: str | None = None
    item_number: int | None = None
    """An item in the answer."""
    rule_id: UUID | None = None
    override_id: UUID | None = None
    surface: str | None = None
    segment: str | None = None
    degraded: bool | None = None


@dataclass(frozen=True, kw_only=True)
class DecisionPage:
    """A stretch of a list, newest first."""

    decisions: list[Decision]
    has_more: bool
    total: int
    total_is_estimate: bool

    @property
    def next_before(self) -> UUID | None:
        """Pass it as `before` for the next page; None on the last."""
        return self.decisions[-1].decision_id if self.has_more else None


def get_decision(decision_id: UUID) -> Decision | None:
    """Return a decision, or None when there is none of this id (yet)."""
    try:
        day = day_of(decision_id)
    except ValueError:
        return None
    found = Decision.objects.filter(decision_day=day, decision_id=decision_id)
    return found.select_related("namespace").first()


def get_private(decision: Decision) -> Private | None:
    """Return what was read about the user; None for nobody, or when erased."""
    private = DecisionPrivate.objects.filter(
        decision_day=decision.decision_day, decision_id=decision.decision_id
    ).first()
    return None if private is None else open_private(bytes(private.content))


def get_privates(decisions: Collection[Decision]) -> dict[UUID, Private]:
    """Return what was read about the users of many decisions, in one query."""
    found = DecisionPrivate.objects.filter(
        decision_day__in={each.decision_day for each in decisions},
        decision_id__in=[each.decision_id for each in decisions],
    )
    return {each.decision_id: open_private(bytes(each.content)) for each in found}


def open_trace_of(decision: Decision) -> Trace | None:
    """Return the decision's trace; None when sampling left it out."""
    return None if decision.trace is None else open_trace(bytes(decision.trace))


def list_decisions(
    namespace: Namespace,
    chosen: DecisionFilter,
    *,
    limit: int,
    before: UUID | None = None,
    offset: int = 0,
) -> DecisionPage:
    """Return decisions from the newest on, after `offset` or below the id `before`."""
    matching = Decision.objects.filter(_conditions(chosen), namespace=namespace)
    page = matching if before is None else matching.filter(_below(before))
    # Ids sort by time, so that this is the order of an index in every partition.
    page = page.order_by("-decision_id")[offset : offset + limit + 1]
    found = list(page)
    total, is_estimate = _total(matching)
    return DecisionPage(
        decisions=found[:limit],
        has_more=len(found) > limit,
        total=total,
        total_is_estimate=is_estimate,
    )


def item_ids_of(numbers: Iterable[int]) -> dict[int, str]:
    """Return external ids by number, of those items that the catalog still knows."""
    found = Item.objects.filter(pk__in=set(numbers))
    return dict(found.values_list("pk", "item_id"))


def _conditions(chosen: DecisionFilter) -> Q:
    wanted = Q()
    if chosen.since is not None:
        first = first_id_at(chosen.since)
        wanted &= Q(decision_day__gte=chosen.since.date(), decision_id__gte=first)
    if chosen.until is not None:
        end = first_id_at(chosen.until)
        wanted &= Q(decision_day__lte=chosen.until.date(), decision_id__lt=end)
    if chosen.degraded is not None:
        wanted &= ~Q(degraded=[]) if chosen.degraded else Q(degraded=[])
    lookups = {
        "user_hash__in": chosen.user_hashes,
        "request_id": chosen.request_id,
        "items__contains": _one(chosen.item_number),
        "rule_ids__contains": _one(chosen.rule_id),
        "override_ids__contains": _one(chosen.override_id),
        "surface": chosen.surface,
        "segment": chosen.segment,
    }
    for lookup, value in lookups.items():
        if value is not None:
            wanted &= Q((lookup, value))
    return wanted


def _one[T](value: T | None) -> list[T] | None:
    return None if value is None else [value]


def _below(before: UUID) -> Q:
    # The day lets PostgreSQL leave newer partitions out.
    return Q(decision_day__lte=answered_at(before).date(), decision_id__lt=before)


def _total(matching: QuerySet[Decision]) -> tuple[int, bool]:
    """Count up to 100,000 rows; of more, ask the planner."""
    exact = matching.order_by()[: MAX_EXACT_TOTAL + 1].count()
    if exact <= MAX_EXACT_TOTAL:
        return exact, False
    plan = json.loads(matching.order_by().explain(format="json"))
    return max(int(plan[0]["Plan"]["Plan Rows"]), exact), True
