"""Pages of rules, overrides and change sets, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from catalog.core.moments import microseconds
from catalog.core.pages import Page
from catalog.models import Namespace
from catalog.queries.lists import Listed
from catalog.queries.newest import newest
from rules.core.windows import is_in_force
from rules.models import IN_FORCE, ChangeSet, ManualOverride, Rule, RuleState

from .contents import read


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFilter:
    """Conditions that all hold; what is None is no condition."""

    surface: str | None = None
    segment_id: str | None = None
    """Empty: rules for whoever asks."""
    enabled: bool | None = None
    active_at: datetime | None = None
    """In force at this moment."""
    inactive_at: datetime | None = None
    action: str | None = None
    target_type: str | None = None
    state: str | None = None
    """Without it retired rules are left out."""


def list_rules(namespace: Namespace, chosen: RuleFilter, page: Page) -> Listed:
    rules = Rule.objects.filter(_condition(namespace, chosen), namespace=namespace)
    return newest(rules.select_related("namespace", "version"), page)


def list_overrides(namespace: Namespace, wanted: Q, page: Page) -> Listed:
    overrides = ManualOverride.objects.filter(wanted, namespace=namespace)
    return newest(overrides.select_related("namespace"), page)


def list_change_sets(
    namespace: Namespace, conditions: dict[str, Any], page: Page
) -> Listed:
    change_sets = ChangeSet.objects.filter(namespace=namespace, **conditions)
    return newest(change_sets.select_related("namespace"), page)


def _condition(namespace: Namespace, chosen: RuleFilter) -> Q:
    found = Q()
    for column in ("surface", "action", "target_type", "state"):
        value = getattr(chosen, column)
        if value is not None:
            found &= Q(**{column: value})
    if chosen.state is None:
        found &= ~Q(state=RuleState.RETIRED)
    if chosen.segment_id is not None:
        found &= Q(segment_id=chosen.segment_id or None)
    if chosen.enabled is not None:
        off = Q(state__in=[RuleState.PAUSED, RuleState.RETIRED])
        found &= ~off if chosen.enabled else off
    if chosen.active_at is not None:
        found &= _active(namespace, chosen.active_at)
    if chosen.inactive_at is not None:
        found &= ~_active(namespace, chosen.inactive_at)
    return found


def _active(namespace: Namespace, at: datetime) -> Q:
    within = (
        Q(state__in=IN_FORCE)
        & (Q(starts_at=None) | Q(starts_at__lte=at))
        & (Q(ends_at=None) | Q(ends_at__gt=at))
    )
    # Whether a gap is open only the windows themselves can say.
    gapped = Rule.objects.filter(within, namespace=namespace, has_gaps=True)
    at_us = microseconds(at)
    is_open = [
        key
        for key, document in gapped.values_list("pk", "version__content")
        if is_in_force(read(document).rule.windows, at_us=at_us)
    ]
    return within & (Q(has_gaps=False) | Q(pk__in=is_open))
