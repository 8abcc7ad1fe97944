"""The full check as long work that somebody can follow."""

from __future__ import annotations

import msgspec
from django.utils import timezone

from catalog.operations.runs import LeasedHandle, Outcome, RunFailedError
from catalog.tenancy import org_scope
from rules.models import ChangeSet
from rules.operations.actors import of_job
from rules.operations.change_sets import WrongStateError
from simulations.core.guardrails import GuardrailsError

from .checks import CheckRequest, check_change_set


def execute_check(handle: LeasedHandle) -> Outcome:
    """Do a Run of kind "check"."""
    request = msgspec.convert(handle.parameters, CheckRequest)
    actor = of_job(handle.run.requested_by)
    with org_scope(handle.org_id):
        change_set = (
            ChangeSet.objects.select_related("namespace")
            .filter(pk=request.change_set_id)
            .first()
        )
        if change_set is None:
            raise RunFailedError(f"Change set “{request.title}” is gone.")
        try:
            check = check_change_set(
                change_set,
                actor=actor,
                at=timezone.now(),
                most=request.decisions,
                handle=handle,
            )
        except (WrongStateError, GuardrailsError) as error:
            raise RunFailedError(str(error)) from error
    return Outcome(
        result={
            "check_id": str(check.pk),
            "verdict": check.verdict,
            "headline": check.report["headline"],
        },
        url=f"/v1/admin/change-sets/{change_set.pk}",
    )
