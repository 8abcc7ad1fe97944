from __future__ import annotations

from datetime import datetime
from uuid import UUID

from catalog.models import Org, Run, RunState
from catalog.tenancy import org_scope

OVER = (RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED)


class AlreadyOverError(Exception):
    """A Run that has ended cannot be cancelled."""


def get_run(run_id: UUID) -> Run:
    """Return a Run of the org in scope, or raise `Run.DoesNotExist`."""
    return Run.objects.get(pk=run_id)


def find_run(run_id: UUID) -> Run | None:
    """Find a Run by its id alone, in whichever org: for the command line."""
    for org_id in Org.objects.values_list("pk", flat=True):
        with org_scope(org_id):
            run = Run.objects.filter(pk=run_id).first()
        if run is not None:
            return run
    return None


def cancel_run(run_id: UUID, *, at: datetime) -> Run:
    """Ask a Run of the org in scope to end. One that nobody has claimed ends at once.

    Asking twice is fine. Raises `Run.DoesNotExist` and `AlreadyOverError`.
    """
    run = Run.objects.select_for_update().get(pk=run_id)
    if run.state == RunState.CANCELLED:
        return run
    if run.state in OVER:
        raise AlreadyOverError(f"The run has {run.state} already.")
    run.cancel_requested = True
    if run.state == RunState.QUEUED:
        run.state, run.finished_at = RunState.CANCELLED, at
        run.error = "Cancelled on request."
    run.save(update_fields=["cancel_requested", "state", "finished_at", "error"])
    return run
