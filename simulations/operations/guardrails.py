"""Ask for a check of a namespace's guardrails."""

from __future__ import annotations

from datetime import datetime

from catalog.models import Event, Namespace, Run
from catalog.operations.runs import start_run_once
from catalog.tenancy import org_scope
from simulations.models import GuardrailCause

KIND = "guardrails"


def start_guardrails(
    namespace: Namespace, *, cause: str, at: datetime, requested_by: str
) -> Run:
    """Queue a check inside the org's scope; one that waits already is shared."""
    return start_run_once(
        namespace,
        kind=KIND,
        at=at,
        parameters={"cause": cause},
        requested_by=requested_by,
    )


def start_scheduled(*, namespace_id: int, at: datetime) -> Run | None:
    """Start the check of a namespace that beat asks for, unless it holds no events."""
    namespace = Namespace.objects.filter(pk=namespace_id).first()
    if namespace is None:
        return None
    with org_scope(namespace.org_id):
        if not Event.objects.filter(namespace=namespace).exists():
            return None
        return start_guardrails(
            namespace, cause=GuardrailCause.SCHEDULE, at=at, requested_by="schedule"
        )
