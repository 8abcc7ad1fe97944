"""Ask for a simulation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from catalog.models import Namespace, Run, RunState
from catalog.operations.runs import start_run
from simulations.core.simulation import SimulationRequest

KIND = "simulation"
_OPEN = (RunState.QUEUED, RunState.RUNNING)


def start_simulation(
    namespace: Namespace,
    request: SimulationRequest,
    *,
    at: datetime,
    requested_by: str,
    announce: bool = True,
) -> Run:
    """Queue a simulation inside the org's scope; an equal one not over is shared."""
    details: dict[str, Any] = msgspec.to_builtins(request)
    same = Run.objects.filter(
        namespace=namespace, kind=KIND, state__in=_OPEN, parameters=details
    )
    return same.order_by("-created_at", "-id").first() or start_run(
        namespace,
        kind=KIND,
        at=at,
        parameters=details,
        requested_by=requested_by,
        announce=announce,
    )
