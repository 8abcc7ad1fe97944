"""Ask what other policies would have earned."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from catalog.models import Namespace, Run
from catalog.operations.runs import start_run
from ranking.models import Profile

KIND = "off-policy"
MOST = 50_000
USUAL = 10_000

type Source = Literal["bandit", "exploration"]


class OffPolicyRequest(msgspec.Struct, kw_only=True, frozen=True):
    """The parameters of an estimate's Run."""

    source: Source
    profile: str | None = None
    """With source "exploration": the profile whose choices are judged."""

    surface: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    decisions: int = USUAL
    reward: Literal["click", "cart", "purchase"] = "click"
    clip: float = 10.0
    """Largest weight of one choice of a bandit."""


class NoTargetError(LookupError):
    """There is no published profile to judge."""


def start_estimate(
    namespace: Namespace, request: OffPolicyRequest, *, at: datetime, by: str
) -> Run:
    """Start a Run that estimates. Called inside the org's scope.

    Raises
    ------
    NoTargetError
        If explored places are to be judged and the profile was never published.
    """
    if request.source == "exploration":
        target_of(namespace, request)
    return start_run(
        namespace,
        kind=KIND,
        at=at,
        parameters=msgspec.to_builtins(request),
        requested_by=by,
    )


def target_of(namespace: Namespace, request: OffPolicyRequest) -> Profile:
    """Return the profile whose choices are judged. Called inside the org's scope.

    Raises
    ------
    NoTargetError
        If it was never published.
    """
    rows = Profile.objects.filter(namespace=namespace, published_number__gt=0)
    row = (
        rows.filter(in_force=True).first()
        if request.profile is None
        else rows.filter(name=request.profile).first()
    )
    if row is None:
        raise NoTargetError(
            f"There is no published profile {request.profile or 'in force'} to judge."
        )
    return row
