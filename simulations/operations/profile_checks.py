"""Ask for a check of a version of a profile."""

from __future__ import annotations

from datetime import datetime

from catalog.models import Run, RunState
from catalog.operations.runs import start_run
from ranking.models import ProfileVersion

KIND = "profile-check"
_OPEN = (RunState.QUEUED, RunState.RUNNING)


def start_profile_check(
    version: ProfileVersion, *, at: datetime, requested_by: str
) -> Run:
    """Queue a check inside the org's scope."""
    return start_run(
        version.namespace,
        kind=KIND,
        at=at,
        parameters={"version": version.pk, "profile": version.profile.name},
        requested_by=requested_by,
    )


def open_run(version: ProfileVersion) -> Run | None:
    """Return the Run that checks a version, or is about to."""
    runs = Run.objects.filter(
        namespace=version.namespace_id,
        kind=KIND,
        state__in=_OPEN,
        parameters__version=version.pk,
    )
    return runs.order_by("-created_at", "-id").first()
