"""Do a sweep: its trials, and the verdict at its end."""

from __future__ import annotations

from django.utils import timezone

from catalog.operations.runs import LeasedHandle, Outcome, RunFailedError
from catalog.tenancy import org_scope
from tuning.models import Sweep

from .finishing import finish_sweep
from .sweeps import HELPER_KIND
from .working import work_on


def execute_sweep(handle: LeasedHandle) -> Outcome:
    """Do a Run of kind "sweep" or "sweep-helper"."""
    sweep = sweep_of(handle)
    work_on(sweep, handle=handle, clock=timezone.now)
    if handle.run.kind == HELPER_KIND:
        return Outcome(result={"sweep_id": str(sweep.pk)})
    handle.progress(1.0, "Verifying the best trial on events that no trial saw")
    finished = finish_sweep(sweep, at=timezone.now())
    return Outcome(
        result={
            "sweep_id": str(sweep.pk),
            "headline": finished.outcome.get("headline", ""),
        },
        url=f"/v1/admin/sweeps/{sweep.pk}",
    )


def sweep_of(handle: LeasedHandle) -> Sweep:
    with org_scope(handle.org_id):
        found = (
            Sweep.objects.select_related("namespace")
            .filter(pk=handle.parameters["sweep_id"])
            .first()
        )
    if found is None:
        raise RunFailedError("The sweep is gone.")
    return found
