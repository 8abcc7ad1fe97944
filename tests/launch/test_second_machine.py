"""A worker elsewhere, that is told where database and broker are, and no more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from celery import Celery, current_app
from django.db import connections
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from catalog.models import Run, RunState
from catalog.operations import runs
from catalog.tenancy import org_scope
from recsys_site import embedded
from recsys_site.embedded import places
from recsys_site.embedded.processes import wait_until
from recsys_site.embedded.state import REPOSITORY
from simulations.operations.evaluations import start_evaluation
from tests.ranking.conftest import serving_connections, shop
from tests.ranking.shops import Shop
from tests.simulations.test_evaluations import SPEC, known, later
from tests.support import template
from tests.support.databases import SESSION_DATABASE
from tests.support.proxy import Proxy

__all__ = ["known", "later", "serving_connections", "shop"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

_OVER = (RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED)
# Of the session's broker, so that nothing waits there that other tests have sent.
_BROKER_DATABASE = 1


@pytest.fixture
def network() -> Iterator[dict[str, str]]:
    """The addresses of database and broker as another machine knows them."""
    database, broker = (
        Proxy(connections["default"].settings_dict),
        Proxy(_place_of_broker()),
    )
    url = template.url("database_url", database=SESSION_DATABASE)
    yield {
        "DATABASE_URL": make_conninfo(url, host="127.0.0.1", port=database.port),
        "REDIS_URL": f"redis://127.0.0.1:{broker.port}/{_BROKER_DATABASE}",
    }
    broker.close()
    database.close()


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The disk of the second machine."""
    return tmp_path / "second"


@pytest.fixture
def worker(network: dict[str, str], machine: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that knows nothing of this session but these addresses."""
    here: Celery = current_app._get_current_object()  # type: ignore[attr-defined]
    Celery("first", broker=network["REDIS_URL"]).set_current()
    machine.mkdir()
    with (machine / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "--app", "recsys_site", "worker"),
                *("--queues", "builds,bulk,tuning,celery", "--concurrency", "1"),
                *("--without-mingle", "--without-gossip", "--loglevel", "INFO"),
            ],
            cwd=REPOSITORY,
            env={
                **network,
                "PATH": os.environ["PATH"],
                "HOME": str(machine),
                "RECSYS_STATE_DIR": str(machine / "state"),
            },
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    yield process
    here.set_current()
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_takes_a_run_and_ends_the_next_before_it_stops(
    later: Shop, worker: subprocess.Popen[bytes], machine: Path
) -> None:
    first = _wanted(later)
    assert wait_until(lambda: _reload(first).state in _OVER, seconds=60), _log(machine)
    done = _reload(first)
    assert done.state == RunState.SUCCEEDED, (done.error, _log(machine))
    assert done.result["users"] > 0
    assert _did(done) in {each.pid for each in _family(worker)}
    assert any("Attempt 1 of evaluation" in line for line in done.log)

    second = _wanted(later)
    assert wait_until(lambda: _reload(second).state != RunState.QUEUED, seconds=60)
    worker.terminate()

    assert worker.wait(timeout=60) == 0, _log(machine)
    assert _reload(second).state == RunState.SUCCEEDED, _log(machine)
    # No server was started there, and what lies on that disk alone was told.
    assert not {"pg18", "valkey"} & {each.name for each in machine.rglob("*")}
    assert "RECSYS_FILES_ROOT and RECSYS_AUDIT_KEY" in _log(machine, since=0)


def _wanted(shop: Shop) -> Run:
    with org_scope(shop.org_id):
        return start_evaluation(
            shop.namespace, SPEC, at=timezone.now(), requested_by="ellie"
        )


def _reload(run: Run) -> Run:
    found = runs.find_run(run.pk)
    assert found is not None
    return found


def _did(run: Run) -> int:
    return int(run.worker.rpartition(":")[2])


def _family(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    master = psutil.Process(process.pid)
    return [master, *master.children(recursive=True)]


def _log(machine: Path, *, since: int = -4000) -> str:
    return (machine / "log").read_text()[since:]


def _place_of_broker() -> dict[str, object]:
    found = embedded.addresses()
    if found.redis_embedded:
        return {"SOCKET": places.valkey_socket()}
    parts = urlsplit(found.redis_url)
    return {"HOST": parts.hostname, "PORT": parts.port or 6379}
