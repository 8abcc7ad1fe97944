"""Overrides follow the rules that carry them out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog

from catalog.models import Namespace
from rules.models import (
    ChangeSetItem,
    ManualOverride,
    OverrideStatus,
    RuleState,
    Verb,
)

from .actors import Actor

log = structlog.get_logger(__name__)


def follow_rules(items: Sequence[ChangeSetItem], *, actor: Actor, at: datetime) -> None:
    """Give each override the status that its rule's publication means."""
    verbs = {item.rule_id: item for item in items if item.rule.is_override}
    if not verbs:
        return
    overrides = ManualOverride.objects.filter(rule__in=verbs).order_by("pk")
    # One item has one active override: the old one goes before the new one comes.
    for override in sorted(
        overrides, key=lambda each: not verbs[each.rule_id].ends_rule
    ):
        _follow(override, verbs[override.rule_id], actor=actor, at=at)


def expire_overrides(namespace: Namespace, *, at: datetime) -> None:
    """Give those whose time is over the status that says so."""
    over = ManualOverride.objects.filter(
        namespace=namespace, status=OverrideStatus.ACTIVE, expires_at__lte=at
    )
    for override in over.select_for_update().order_by("pk"):
        override.status, override.ended_at = OverrideStatus.EXPIRED, override.expires_at
        override.save(update_fields=["status", "ended_at"])
        tell(override, namespace=namespace.name, by="its expiry")


def _follow(
    override: ManualOverride, item: ChangeSetItem, *, actor: Actor, at: datetime
) -> None:
    status = _status(item)
    override.status = status
    has_ended = status != OverrideStatus.ACTIVE
    override.ended_at = at if has_ended else None
    override.cancelled_by = actor.name if status == OverrideStatus.CANCELLED else ""
    override.save(update_fields=["status", "ended_at", "cancelled_by"])
    tell(override, namespace=item.rule.namespace.name, by=actor.name)


def tell(override: ManualOverride, *, namespace: str, by: str) -> None:
    """Log what became of an override, under the name that dashboards know."""
    log.info(
        "manual_override_activity",
        namespace=namespace,
        surface=override.surface,
        override_id=str(override.pk),
        rule_id=str(override.rule_id),
        action=override.action,
        status=override.status,
        by=by,
    )


def _status(item: ChangeSetItem) -> OverrideStatus:
    if item.verb == Verb.SUPERSEDE:
        return OverrideStatus.SUPERSEDED
    if item.ends_rule or item.rule.state == RuleState.PAUSED:
        return OverrideStatus.CANCELLED
    if item.rule.state == RuleState.EXPIRED:
        return OverrideStatus.EXPIRED
    return OverrideStatus.ACTIVE
