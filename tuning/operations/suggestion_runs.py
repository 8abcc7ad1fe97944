"""Learn from the trials of a namespace, and suggest what to try next."""

from __future__ import annotations

import msgspec

from catalog.operations.runs import LeasedHandle, Outcome
from catalog.tenancy import org_scope

from .advice import advise, known_of
from .sweep_runs import sweep_of


def execute_suggestions(handle: LeasedHandle) -> Outcome:
    """Do a Run of kind "suggestions"."""
    sweep = sweep_of(handle)
    with org_scope(handle.org_id):
        known = known_of(handle.namespace, sweep=sweep)
    handle.progress(0.1, f"Learning from {len(known.tried):,} trials")
    asked = handle.parameters
    advice = advise(known, count=asked["count"], seed=asked["seed"])
    return Outcome(
        result={"sweep_id": str(sweep.pk), **msgspec.to_builtins(advice)},
        url=f"/v1/admin/sweeps/{sweep.pk}",
    )
