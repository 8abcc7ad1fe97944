"""Decisions of the org in scope."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Concat
from django.db.models.lookups import Exact

from audit.core.codec import open_private, open_trace
from audit.core.identity import day_of, first_id_at
from audit.core.record import Private, Trace
from audit.models import Decision, DecisionPrivate
from catalog.models import Item, Namespace

_TEXTS = ("surface", "segment", "profile")
DEFAULT_WINDOW = timedelta(days=7)


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
    dropped_number: int | None = None
    """An item that a rule, an override or a constraint kept out; see MAX_INDEXED_DROPS
    of audit/core/record.py."""
    rule_id: UUID | None = None
    override_id: UUID | None = None
    surface: str | None = None
    segment: str | None = None
    profile: str | None = None
    profile_version: int | None = None
    experiment: str | None = None
    """Whose arm it was: all arms of an experiment, or "experiment/variant"."""
    degraded: bool | None = None


def with_window(chosen: DecisionFilter, *, at: datetime) -> DecisionFilter:
    """Return the filter with the last seven days where it says nothing of time."""
    # Hosts' clocks differ a little, so that "now" is no end.
    until = chosen.until or at + timedelta(days=1)
    since = chosen.since
    if since is None:
        since = min(until, at) - DEFAULT_WINDOW
    return replace(chosen, since=since, until=until)


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


def numbers_in(trace: Trace) -> set[int]:
    """Return the items that a trace names by number alone."""
    tables = (trace.candidates, trace.drops.columns)
    return {number for table in tables if table for number in table["number"].tolist()}


def item_ids_of(numbers: Iterable[int]) -> dict[int, str]:
    """Return external ids by number, of those items that the catalog still knows."""
    found = Item.objects.filter(pk__in=set(numbers))
    return dict(found.values_list("pk", "item_id"))


def searched_number(namespace: Namespace, item_id: str) -> int:
    """Return the number to look for; one that nothing has where the item is unknown."""
    found = Item.objects.filter(namespace=namespace, item_id=item_id)
    return found.values_list("pk", flat=True).first() or 0


def conditions(chosen: DecisionFilter, *, arrays_first: bool = False) -> Q:
    """Return what a decision has to be.

    With `arrays_first` no index is offered for texts, so that PostgreSQL looks for
    items and rules first, of which it cannot tell how rare they are.
    """
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
        "dropped__contains": _one(chosen.dropped_number),
        "rule_ids__contains": _one(chosen.rule_id),
        "override_ids__contains": _one(chosen.override_id),
        "surface": chosen.surface,
        "segment": chosen.segment,
        "profile": chosen.profile,
        "profile_version": chosen.profile_version,
    }
    for lookup, value in lookups.items():
        if value is None:
            continue
        if arrays_first and lookup in _TEXTS:
            wanted &= Q(
                Exact(Concat(F(lookup), Value(""), output_field=TextField()), value)
            )
        else:
            wanted &= Q((lookup, value))
    if chosen.experiment is not None:
        whole = Q(arm=chosen.experiment)
        wanted &= whole | Q(arm__startswith=f"{chosen.experiment}/")
    return wanted


def _one[T](value: T | None) -> list[T] | None:
    return None if value is None else [value]
