"""Workers of a sweep are killed at random; what it finds is the same."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from time import monotonic, sleep

import pytest
from django.conf import settings
from django.utils import timezone

from catalog.operations.runs import Unattended
from catalog.tenancy import org_scope
from tests.tuning.conftest import sweep_spec
from tuning.models import OVER, Trial, TrialState
from tuning.operations.sweeps import create_sweep
from tuning.operations.working import work_on

pytestmark = pytest.mark.processes


def made(past, spec):
    with org_scope(past.org_id):
        return create_sweep(past.namespace, spec, at=timezone.now())


def trials(sweep):
    with org_scope(sweep.org_id):
        return list(Trial.objects.filter(sweep=sweep).order_by("number"))


def start_worker(sweep, *, tarrying=0.0):
    words = [str(sweep.pk), str(sweep.org_id), str(settings.FILES_ROOT), str(tarrying)]
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.tuning.sweep_worker", *words],
        env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )


def wait_for(condition, *, worker) -> None:
    until = monotonic() + 100
    while not condition():
        assert monotonic() < until, "It did not happen within 100 s."
        if worker.poll() is not None:
            return
        sleep(0.05)


def is_at_work(sweep, *, beyond):
    """Say whether a further trial is in somebody's hand."""
    rows = trials(sweep)
    over = sum(each.state in OVER for each in rows)
    return over >= beyond and any(each.state == TrialState.LEASED for each in rows)


@pytest.mark.parametrize(
    ("budget", "kills"),
    [
        (6, 1),
        pytest.param(120, 30, marks=[pytest.mark.prove, pytest.mark.timeout(3600)]),
    ],
)
def test_a_killed_workers_trials_count_once_and_are_the_same(past, budget, kills):
    spec = sweep_spec(strategy="gp", budget=budget, batch=3)
    disturbed, undisturbed = made(past, spec), made(past, spec)
    rng = random.Random(kills)

    for kill in range(kills):
        worker = start_worker(disturbed, tarrying=0.2)
        beyond = (kill + 1) * budget // (kills + 2)
        wait_for(lambda: is_at_work(disturbed, beyond=beyond), worker=worker)  # noqa: B023
        sleep(rng.uniform(0, 0.05))
        worker.kill()
        assert worker.wait() == -signal.SIGKILL
    last = start_worker(disturbed)
    assert last.wait(timeout=600) == 0
    work_on(undisturbed, handle=Unattended(), clock=timezone.now)

    ours, theirs = trials(disturbed), trials(undisturbed)
    assert [each.number for each in ours] == list(range(budget))
    assert {each.state for each in ours} == {TrialState.DONE}
    assert sum(each.fencing_token for each in ours) <= budget + kills
    assert [(each.values, each.metrics, each.violation) for each in ours] == [
        (each.values, each.metrics, each.violation) for each in theirs
    ]
