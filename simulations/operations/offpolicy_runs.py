"""Off-policy estimates on what is stored, as a Run that somebody can follow."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from django.conf import settings
from django.utils import timezone

from audit.models import FeedbackKind
from catalog.models import Namespace
from catalog.operations.runs import (
    LeasedHandle,
    Outcome,
    RunFailedError,
    RunHandle,
)
from catalog.tenancy import org_scope
from ranking.core.configuration import read_profile
from ranking.operations.profiles import find_version
from simulations.core.offpolicy import Log, Report, evaluate
from simulations.queries.offpolicy_logs import Stretch, bandit_logs

from .exploring import explored_by
from .offpolicy import NoTargetError, OffPolicyRequest, target_of

LATEST_REWARD = timedelta(hours=24)
"""Answers younger than this may still earn something and are left out."""

REWARDS: Mapping[str, FeedbackKind] = {
    "click": FeedbackKind.CLICK,
    "cart": FeedbackKind.CART,
    "purchase": FeedbackKind.PURCHASE,
}


def execute_estimate(handle: LeasedHandle) -> Outcome:
    """Do a Run of kind "off-policy"."""
    request = msgspec.convert(handle.parameters, OffPolicyRequest)
    with org_scope(handle.org_id):
        try:
            result = estimate(
                handle.namespace, request, at=timezone.now(), handle=handle
            )
        except NoTargetError as error:
            raise RunFailedError(str(error)) from error
    return Outcome(result=result)


def estimate(
    namespace: Namespace, request: OffPolicyRequest, *, at: datetime, handle: RunHandle
) -> dict[str, Any]:
    """Return what other policies would have earned, or why that cannot be said."""
    window = LATEST_REWARD
    if request.source == "bandit":
        window = timedelta(hours=settings.BANDIT_REWARD_WINDOW_HOURS) or window
    stretch = Stretch(
        since=request.since or at - timedelta(days=90),
        until=min(request.until or at, at - window),
        most=request.decisions,
        surface=request.surface,
    )
    found = (
        _of_bandit(namespace, stretch, clip=request.clip)
        if request.source == "bandit"
        else _of_exploration(namespace, request, stretch, handle=handle)
    )
    return {
        "source": request.source,
        "surface": request.surface,
        "since": stretch.since.isoformat(),
        "until": stretch.until.isoformat(),
        **found,
    }


def _of_bandit(
    namespace: Namespace, stretch: Stretch, *, clip: float
) -> dict[str, Any]:
    logs = bandit_logs(namespace, stretch)
    notes = [
        "Judged is what each policy would have earned, had it been chosen always."
        " Choices whose reward may still come are left out."
    ]
    return {
        "targets": [
            _told(f"Always {name}", evaluate(log, clip=clip))
            for name, log in logs.items()
        ]
        or [_told("Any policy", _of_nothing())],
        "notes": notes,
    }


def _of_exploration(
    namespace: Namespace,
    request: OffPolicyRequest,
    stretch: Stretch,
    *,
    handle: RunHandle,
) -> dict[str, Any]:
    row = target_of(namespace, request)
    version = find_version(row, row.published_number)
    found = explored_by(
        namespace,
        read_profile(row.name, version.config, version=version.number),
        stretch,
        kind=REWARDS[request.reward],
        handle=handle,
    )
    log = found.log()
    # Of a draw among n the weight is n, and no decision weighs more than another of
    # the same length: there is nothing to cut.
    report = evaluate(log, clip=math.inf) if len(log) else _of_nothing()
    notes = [
        "Judged is the first explored place of each answer; what stands around it is"
        " taken to be as it was. Places that were not explored are no part of this."
    ]
    if found.gone:
        notes.append(
            f"{found.gone:,} of {found.looked_at:,} answers could not be given again"
            " and are left out."
        )
    return {
        "reward": request.reward,
        "answers": found.looked_at,
        "targets": [_told(f"Profile {row.name}, version {version.number}", report)],
        "notes": notes,
    }


def _of_nothing() -> Report:
    nothing = np.empty(0)
    return evaluate(Log(rewards=nothing, propensities=nothing, targets=nothing))


def _told(target: str, report: Report) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(report)
    # JSON knows no infinity.
    told["clip"] = report.clip if math.isfinite(report.clip) else None
    return {"target": target, "verdict": report.verdict, **told}
