from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from time import monotonic, sleep

import pytest
from django.utils import timezone

from catalog.models import Item, RunState
from catalog.operations import runs
from catalog.tenancy import org_scope
from tests.catalog.runs.executors import EXECUTORS
from tests.factories.tenants import make_namespace

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
ITEMS = 40


def test_a_killed_worker_s_run_goes_on_where_it_stopped(settings):
    settings.RUN_EXECUTORS = EXECUTORS
    namespace = make_namespace()
    with org_scope(namespace.org_id):
        run = runs.start_run(
            namespace,
            kind="count",
            at=timezone.now(),
            parameters={"items": ITEMS, "pause": 0.05},
        )

    worker = start_worker(run)
    wait_for(lambda: len(stored_by(namespace)) >= 5)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    too_early = runs.execute(run.pk, org_id=run.org_id, clock=timezone.now)
    # Twenty seconds pass.
    state = runs.execute(
        run.pk,
        org_id=run.org_id,
        clock=lambda: timezone.now() + timedelta(seconds=25),
    )

    assert too_early is None
    assert state == RunState.SUCCEEDED
    attempts = stored_by(namespace)
    assert len(attempts) == ITEMS
    assert attempts == sorted(attempts)
    assert set(attempts) == {1, 2}


def start_worker(run, **environment):
    names = " ".join(f"{kind}={path}" for kind, path in EXECUTORS.items())
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.worker", str(run.pk), str(run.org_id)],
        env=os.environ | {"RECSYS_TEST_EXECUTORS": names} | environment,
    )


def stored_by(namespace):
    with org_scope(namespace.org_id):
        rows = Item.objects.order_by("id").values_list("props__attempt", flat=True)
        return list(rows)


def wait_for(condition) -> None:
    until = monotonic() + 30
    while not condition():
        assert monotonic() < until, "It did not happen within 30 s."
        sleep(0.05)
