"""Say of a broken guardrail that it is known, why, and until when that is borne."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from catalog.core.faults import refuse
from catalog.models import Namespace
from rules.operations.actors import Actor
from simulations.core.limits import GUARDRAILS
from simulations.models import Acknowledgement

log = structlog.get_logger(__name__)

LONGEST = timedelta(days=30)


def acknowledge(
    namespace: Namespace,
    guardrail: str,
    *,
    reason: str,
    until: datetime,
    actor: Actor,
    at: datetime,
) -> Acknowledgement:
    """Keep who knows of a breach. It stays broken, and publishing stays barred.

    Raises
    ------
    BadInputError
        Without a reason, or for a time that is past or too far.
    NotAllowedError
        If the actor may not operate the namespace.
    """
    actor.require("operate")
    if guardrail not in GUARDRAILS:
        raise refuse(
            "unknown_guardrail", f"There is no {guardrail}.", field="guardrail"
        )
    if not reason.strip():
        raise refuse("missing_reason", "Say why: a reason is kept.", field="reason")
    if not at < until <= at + LONGEST:
        raise refuse(
            "invalid_until",
            f"until must lie ahead, by at most {LONGEST.days} days.",
            field="until",
        )
    log.warning(
        "policy_guardrail_acknowledged",
        namespace=namespace.name,
        guardrail=guardrail,
        by=actor.name,
        until=until.isoformat(),
    )
    return Acknowledgement.objects.create(
        org_id=namespace.org_id,
        namespace=namespace,
        guardrail=guardrail,
        reason=reason.strip(),
        until=until,
        by=actor.name,
        at=at,
    )
