"""Verify a trial on events that no trial saw, and make a proposal of it."""

from __future__ import annotations

from django.utils import timezone

from catalog.operations.runs import LeasedHandle, Outcome, RunFailedError
from catalog.tenancy import org_scope
from tuning.core.spec import spec_of
from tuning.models import Trial

from .finishing import verify
from .proposals import write_proposal


def execute_proposal(handle: LeasedHandle) -> Outcome:
    """Do a Run of kind "proposal"."""
    with org_scope(handle.org_id):
        trial = (
            Trial.objects.select_related("sweep__namespace")
            .filter(
                sweep=handle.parameters["sweep_id"], number=handle.parameters["trial"]
            )
            .first()
        )
    if trial is None:
        raise RunFailedError("The sweep is gone.")
    sweep = trial.sweep
    handle.progress(0.1, "Verifying on events that no trial saw")
    evidence = verify(sweep, spec_of(sweep.spec), trial.values, at=timezone.now())
    with org_scope(handle.org_id):
        made = write_proposal(
            sweep,
            trial,
            evidence,
            by=handle.parameters["identity"],
            name=handle.run.requested_by,
            at=timezone.now(),
        )
    return Outcome(
        result={"proposal_id": str(made.pk), "verdict": made.verdict},
        url=f"/v1/admin/proposals/{made.pk}",
    )
