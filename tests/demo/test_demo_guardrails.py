"""The shipped profile of the demo keeps the shipped guardrails, in the shipped shop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from recsys_site import demo
from simulations.core.simulation import SimulationRequest
from simulations.operations import simulation_steps
from simulations.operations.simulation_runs import run_simulation
from simulations.queries.scenario_files import suite
from tests.factories.tenants import make_namespace

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_the_demo_s_profile_is_fit_to_ship(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FILES_ROOT = settings.REPORTS_ROOT = tmp_path
    new_users = [each for each in suite() if each.id == "S7"]
    monkeypatch.setattr(simulation_steps, "suite", lambda customer: new_users)
    owner = make_namespace()
    demo.configure(owner, at=timezone.now())

    done = run_simulation(owner, SimulationRequest(customer="demo"), at=timezone.now())

    states = {each["name"]: each["state"] for each in done.report["guardrails"]}
    assert done.verdict == "passed", done.headline
    assert set(states.values()) == {"pass"}
    assert len(states) == 6
