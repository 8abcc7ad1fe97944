"""Ask for a check of a version of a profile."""

from __future__ import annotations

from datetime import datetime

from catalog.models import Run
from catalog.operations.runs import start_run
from ranking.models import ProfileVersion

KIND = "profile-check"


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
