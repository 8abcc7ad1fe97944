"""Simulations that are kept, and the Runs that make them."""

from __future__ import annotations

import time
from datetime import datetime

import msgspec
from django.utils import timezone

from catalog.models import Namespace
from catalog.operations.runs import (
    LeasedHandle,
    Outcome,
    RunHandle,
    Unattended,
)
from catalog.tenancy import org_scope
from simulations.core.simulation import SimulationRequest
from simulations.models import Simulation

from .bundles import write_bundle
from .simulating import report_of, simulate

_UNATTENDED = Unattended()


def run_simulation(
    namespace: Namespace,
    request: SimulationRequest,
    *,
    at: datetime,
    requested_by: str = "",
    handle: RunHandle = _UNATTENDED,
) -> Simulation:
    """Simulate, write the bundle, and keep the report. Also what failed is kept.

    Called outside any transaction.
    """
    started = time.perf_counter()
    sim = simulate(namespace, request, at=at, handle=handle)
    handle.check_cancelled()
    report = report_of(sim)
    folder = write_bundle(sim, report)
    with org_scope(namespace.org_id):
        return Simulation.objects.create(
            org_id=namespace.org_id,
            namespace=namespace,
            customer=request.customer,
            batch=request.batch,
            request=msgspec.to_builtins(request),
            verdict=report.verdict,
            headline=report.headline,
            report=msgspec.to_builtins(report),
            folder=str(folder),
            run=handle.run if isinstance(handle, LeasedHandle) else None,
            requested_by=requested_by[:150],
            duration_seconds=round(time.perf_counter() - started, 3),
            created_at=at,
        )


def execute_simulation(handle: LeasedHandle) -> Outcome:
    """Do a Run of kind "simulation". One that was killed begins anew: equal seeds."""
    request = msgspec.convert(handle.parameters, SimulationRequest)
    done = run_simulation(
        handle.namespace,
        request,
        at=timezone.now(),
        requested_by=handle.run.requested_by,
        handle=handle,
    )
    return Outcome(
        result={
            "simulation_id": str(done.pk),
            "verdict": done.verdict,
            "headline": done.headline,
            "folder": done.folder,
        },
        url=f"/v1/admin/simulations/{done.pk}",
    )
