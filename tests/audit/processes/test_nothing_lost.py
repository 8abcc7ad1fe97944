"""Real processes are killed; what was answered must be stored, once each."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connections
from psycopg.conninfo import make_conninfo

from audit import spool
from audit.core.integrity import Row, batch_rows, row_digest
from audit.models import AuditBatch, Decision, DecisionPrivate
from audit.operations import drain_now
from audit.queries import envelope_of
from recsys_site.embedded.state import REPOSITORY
from tests.factories.audit import make_record
from tests.support import template
from tests.support.databases import SESSION_DATABASE
from tests.support.proxy import Proxy

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
WAIT_SECONDS = 40.0


@pytest.fixture
def environment(spool_directory: Path, settings) -> dict[str, str]:
    """What further processes need to meet this test's spool and database."""
    return os.environ | {
        "RECSYS_FILES_ROOT": str(settings.FILES_ROOT),
        "DATABASE_URL": template.url("database_url", database=SESSION_DATABASE),
        "DATABASE_OWNER_URL": template.url("owner_url", database=SESSION_DATABASE),
        "DATABASE_READ_URL": template.url("read_url", database=SESSION_DATABASE),
    }


class Answerer:
    """A process that answers, and all that it answered before it ended."""

    def __init__(
        self, environment: dict[str, str], *, most: int = 10**6, pause: float = 0.0
    ) -> None:
        module = "tests.audit.processes.answerer"
        # Not a pipe: a full one would make the process wait for its reader.
        _, name = tempfile.mkstemp(dir=environment["RECSYS_FILES_ROOT"])
        self._answers = Path(name)
        with self._answers.open("wb") as stdout:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, str(most), str(pause)],
                env=environment,
                cwd=REPOSITORY,
                stdout=stdout,
            )

    def has_answered(self) -> bool:
        return self._answers.stat().st_size > 0

    def kill(self) -> None:
        self._process.kill()

    def answered(self) -> list[bytes]:
        """Wait for the end; a line cut by a kill was no answer."""
        self._process.wait(timeout=WAIT_SECONDS)
        lines = self._answers.read_bytes().split(b"\n")
        return [bytes.fromhex(line.decode()) for line in lines if len(line) == 32]


@contextmanager
def drainer(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "drain_decisions"],
        env=environment,
        cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait(timeout=WAIT_SECONDS) in (0, -9)


def stored_ids() -> list[bytes]:
    ids = Decision.unscoped.values_list("decision_id", flat=True)
    return [decision_id.bytes for decision_id in ids]


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < until, f"It did not happen in {WAIT_SECONDS} s."
        time.sleep(0.02)


def drain() -> int:
    return drain_now(clock=lambda: datetime.now(UTC))


def assert_stored_once(answered: list[bytes]) -> None:
    stored = stored_ids()
    assert len(stored) == len(set(stored))
    assert set(answered) - set(stored) == set(), "answered and not stored"
    # A process may be killed after it spooled and before it answered.
    assert len(stored) - len(answered) >= 0
    assert DecisionPrivate.unscoped.count() == len(stored)


def assert_batches_vouch() -> None:
    """Every row is in its batch, with the digest that it has now."""
    rows: dict[tuple[UUID, int], list[Row]] = {}
    for decision in Decision.unscoped.iterator():
        digest = row_digest(envelope_of(decision))
        row = Row(decision.decision_id.bytes, decision.namespace_id, digest)
        rows.setdefault((decision.org_id, decision.batch_number), []).append(row)
    batches = AuditBatch.unscoped.order_by("org_id", "number")
    stored = {
        (batch.org_id, batch.number): bytes(batch.rows or b"") for batch in batches
    }
    assert {key: batch_rows(found) for key, found in rows.items()} == stored


@pytest.mark.parametrize(
    "n_kills",
    [2, pytest.param(50, marks=[pytest.mark.prove, pytest.mark.timeout(900)])],
)
def test_an_answered_decision_outlives_its_process(
    environment: dict[str, str], n_kills: int
) -> None:
    rng = random.Random(n_kills)
    answered: list[bytes] = []
    with drainer(environment):
        for _ in range(n_kills):
            answerers = [Answerer(environment) for _ in range(2)]
            for answerer in answerers:
                wait_for(answerer.has_answered)
            time.sleep(rng.uniform(0.0, 0.1))
            for answerer in answerers:
                answerer.kill()
            answered += [one for each in answerers for one in each.answered()]
        wait_for(lambda: spool.state().n_segments == 0)

    assert len(answered) > 10 * n_kills
    assert_stored_once(answered)
    # What was spooled and not answered: at most the one record a kill interrupted.
    assert len(stored_ids()) - len(answered) <= 2 * n_kills
    assert_batches_vouch()


@pytest.mark.parametrize(
    "n_kills",
    [1, pytest.param(50, marks=[pytest.mark.prove, pytest.mark.timeout(900)])],
)
def test_a_killed_drainer_stores_nothing_twice(
    environment: dict[str, str], n_kills: int
) -> None:
    rng = random.Random(n_kills)
    answerer = Answerer(environment, pause=0.002)
    for _ in range(n_kills):
        with drainer(environment) as process:
            n_before = spool.state().drained
            wait_for(partial(_has_drained_more, n_before))
            time.sleep(rng.uniform(0.0, 0.3))
            process.kill()
    answerer.kill()
    answered = answerer.answered()
    drain()

    assert_stored_once(answered)
    assert_batches_vouch()


def test_a_drainer_killed_after_its_commit_leaves_the_rest_to_the_next(
    environment: dict[str, str], spool_directory: Path
) -> None:
    for _ in range(20):
        spool.append(make_record(n_candidates=10, k=5))
    spool.flush()
    dies_at_delete = (
        "import os, signal, django; django.setup()\n"
        "from datetime import UTC, datetime\n"
        "from pathlib import Path\n"
        "from audit.operations import drain_now\n"
        "Path.unlink = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        "drain_now(clock=lambda: datetime.now(UTC))\n"
    )
    settings = {"DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]}
    killed = subprocess.run(
        [sys.executable, "-c", dies_at_delete],
        env=environment | settings,
        cwd=REPOSITORY,
        check=False,
    )

    assert killed.returncode == -9
    assert len(stored_ids()) == 20
    assert spool.state().n_segments == 1
    assert drain() == 0
    assert spool.state().n_segments == 0
    assert len(stored_ids()) == 20
    assert AuditBatch.unscoped.count() == 1
    assert_batches_vouch()


def test_minutes_without_the_database_lose_nothing(
    environment: dict[str, str],
) -> None:
    proxy = Proxy(connections["default"].settings_dict)
    through_proxy = {
        name: make_conninfo(environment[name], host="127.0.0.1", port=proxy.port)
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL")
    }
    with drainer(environment | through_proxy) as process:
        spool.append(make_record(n_candidates=10, k=5))
        wait_for(lambda: len(stored_ids()) == 1)
        proxy.cut()
        answered = Answerer(environment, most=300).answered()
        time.sleep(1.5)
        waiting = spool.state()
        proxy.mend()
        wait_for(lambda: spool.state().n_segments == 0)
        assert process.poll() is None, "the drainer was not to be restarted"
    proxy.close()

    assert len(answered) == 300
    assert waiting.n_bytes > 300 * 500
    assert set(answered) <= set(stored_ids())
    assert len(stored_ids()) == 301


def test_two_drainers_share_nothing_and_one_takes_the_others_place(
    environment: dict[str, str],
) -> None:
    with ExitStack() as stack:
        processes = [stack.enter_context(drainer(environment)) for _ in range(2)]
        answered = Answerer(environment, most=200).answered()
        wait_for(lambda: len(stored_ids()) == 200)
        processes[0].kill()
        answered += Answerer(environment, most=200).answered()
        wait_for(lambda: len(stored_ids()) == 400)
        processes[1].kill()
        survivors = [process.wait(timeout=WAIT_SECONDS) for process in processes]

    assert survivors == [-9, -9]
    assert_stored_once(answered)


def test_a_drainer_ends_at_once_when_asked_to(environment: dict[str, str]) -> None:
    with drainer(environment) as process:
        spool.append(make_record(n_candidates=10, k=5))
        wait_for(lambda: len(stored_ids()) == 1)
        process.terminate()

        assert process.wait(timeout=5) == 0


def test_parent_and_forked_child_write_to_files_of_their_own(
    environment: dict[str, str], spool_directory: Path
) -> None:
    forks = (
        "import os\n"
        "from audit import spool\n"
        "from tests.factories.audit import make_record\n"
        "spool.append(make_record(n_candidates=5, k=5))\n"
        "child = os.fork()\n"
        "for _ in range(50):\n"
        "    spool.append(make_record(n_candidates=5, k=5))\n"
        "if child: assert os.waitpid(child, 0)[1] == 0\n"
    )
    settings = {"DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]}
    subprocess.run(
        [sys.executable, "-c", forks],
        env=environment | settings,
        cwd=REPOSITORY,
        check=True,
    )

    assert len(list(spool_directory.glob("*.open"))) == 2
    assert drain() == 101


def _has_drained_more(n_before: int) -> bool:
    return spool.state().drained > n_before
