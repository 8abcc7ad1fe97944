"""The kill switch: all rules of a namespace off, or on again."""

from __future__ import annotations

from datetime import datetime

import structlog

from catalog.core.faults import refuse
from catalog.models import ChangeKind, Namespace
from catalog.operations import record_change
from rules.queries.live import RULES_SWITCH

from .actors import Actor, recorded

log = structlog.get_logger(__name__)


def switch_rules(
    namespace: Namespace, *, on: bool, reason: str, actor: Actor, at: datetime
) -> None:
    """Have serving obey no rule and no override of the namespace, or all again."""
    actor.require("operate")
    if not reason.strip():
        raise refuse("missing_reason", "Say why: a reason is kept.", field="reason")
    with recorded(actor, reason=reason):
        row = Namespace.objects.select_for_update(no_key=True).get(pk=namespace.pk)
        row.switches = {**row.switches, RULES_SWITCH: on}
        row.save(update_fields=["switches"])
        namespace.switches = row.switches
    log.warning(
        "policy_rules_switched",
        namespace=namespace.name,
        on=on,
        by=actor.name,
        reason=reason,
    )
    record_change(namespace, kind=ChangeKind.CONFIGURATION, count=1, at=at)
