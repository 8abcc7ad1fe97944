"""Where rules and overrides stand at a moment, also before a task has said so."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from rules.models import ManualOverride, OverrideStatus, Rule, RuleState

_ON_THE_CLOCK = (RuleState.SCHEDULED, RuleState.LIVE, RuleState.EXPIRED)


def state_at(rule: Rule, at: datetime) -> str:
    """Return the state of a rule, with its windows looked at."""
    if rule.state not in _ON_THE_CLOCK:
        return rule.state
    return state_between(rule.starts_at, rule.ends_at, at=at)


def in_state(state: str, at: datetime) -> Q:
    """Return the condition on rules that :func:`state_at` is this one."""
    if state not in _ON_THE_CLOCK:
        return Q(state=state)
    switched_on = Q(state__in=_ON_THE_CLOCK)
    over, ahead = Q(ends_at__lte=at), Q(starts_at__gt=at)
    if state == RuleState.EXPIRED:
        return switched_on & over
    return switched_on & ~over & (ahead if state == RuleState.SCHEDULED else ~ahead)


def state_between(
    starts_at: datetime | None, ends_at: datetime | None, *, at: datetime
) -> RuleState:
    """Return where a rule that is switched on stands between its two ends."""
    if ends_at is not None and ends_at <= at:
        return RuleState.EXPIRED
    if starts_at is not None and starts_at > at:
        return RuleState.SCHEDULED
    return RuleState.LIVE


def status_at(override: ManualOverride, at: datetime) -> str:
    """Return the status of an override, with its expiry looked at."""
    is_over = override.expires_at is not None and override.expires_at <= at
    if override.status == OverrideStatus.ACTIVE and is_over:
        return OverrideStatus.EXPIRED
    return override.status


def with_status(status: str, at: datetime) -> Q:
    """Return the condition on overrides that :func:`status_at` is this one."""
    over = Q(status=OverrideStatus.ACTIVE, expires_at__lte=at)
    if status == OverrideStatus.EXPIRED:
        return Q(status=status) | over
    return Q(status=status) & ~over
