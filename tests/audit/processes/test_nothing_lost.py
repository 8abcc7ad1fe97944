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

# Of what surely happens, however busy the machine is: a process may need a minute to
# begin. Nothing here is decided by the time that it takes.
WAIT_SECONDS = 300.0
pytestmark = [
    pytest.mark.processes,
    pytest.mark.timeout(3 * WAIT_SECONDS),
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]


@pytest.fixture
def environment(spool_directory: Path, settings) -> dict[str, str]:
    """What further processes need to meet this test's spool and database."""
    return os.environ | {
        "RECSYS_FILES_ROOT": str(settings.FILES_ROOT),
        "DATABASE_URL": template.url("database_url", database=SESSION_DATABASE),
        "DATABASE_OWNER_URL": template.url("owner_url", database=SESSION_DATABASE),
        "DATABASE_READ_URL": template.url("read_url", database=SESSION_DATABASE),
    }


_LINE_BYTES = 33


class Answerer:
    """A process that answers, and all that it answered before it ended."""

    def __init__(self, environment: dict[str, str], *, most: int, pause: float) -> None:
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

    def has_answered(self, n_times: int) -> bool:
        return self._answers.stat().st_size >= n_times * _LINE_BYTES

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def answered(self) -> list[bytes]:
        """Wait for the end; a line cut by a kill is no answer."""
        self._process.wait(timeout=WAIT_SECONDS)
        lines = self._answers.read_bytes().split(b"\n")
        return [bytes.fromhex(line.decode()) for line in lines if len(line) == 32]


type Start = Callable[..., Answerer]


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Start]:
    """Start processes that answer; none outlives its test."""
    started: list[Answerer] = []

    def start(*, most: int = 10**6, pause: float = 0.0) -> Answerer:
        started.append(Answerer(environment, most=most, pause=pause))
        return started[-1]

    yield start
    for answerer in started:
        answerer.kill()


@contextmanager
def drainer(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    log = Path(environment["RECSYS_FILES_ROOT"]) / "drainer.log"
    with log.open("ab") as told:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "drain_decisions"],
            env=environment,
            cwd=REPOSITORY,
            stdout=subprocess.DEVNULL,
            stderr=told,
        )
    try:
        yield process
        process.terminate()
        process.wait(timeout=WAIT_SECONDS)
    finally:
        process.kill()
        process.wait()
        assert process.returncode in (0, -9), log.read_text()[-4000:]


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
    [2, pytest.param(50, marks=[pytest.mark.prove, pytest.mark.timeout(3600)])],
)
def test_an_answered_decision_outlives_its_process(
    environment: dict[str, str], start: Start, n_kills: int
) -> None:
    rng = random.Random(n_kills)
    answered: list[bytes] = []
    with drainer(environment):
        for _ in range(n_kills):
            answerers = [start() for _ in range(2)]
            for answerer in answerers:
                wait_for(partial(answerer.has_answered, 10))
            time.sleep(rng.uniform(0.0, 0.1))
            for answerer in answerers:
                answerer.kill()
            answered += [one for each in answerers for one in each.answered()]
        wait_for(lambda: spool.state().n_segments == 0)

    assert len(answered) >= 2 * 10 * n_kills
    assert_stored_once(answered)
    # What was spooled and not answered: at most the one record a kill interrupted.
    assert len(stored_ids()) - len(answered) <= 2 * n_kills
    assert_batches_vouch()


@pytest.mark.parametrize(
    "n_kills",
    [1, pytest.param(50, marks=[pytest.mark.prove, pytest.mark.timeout(3600)])],
)
def test_a_killed_drainer_stores_nothing_twice(
    environment: dict[str, str], start: Start, n_kills: int
) -> None:
    rng = random.Random(n_kills)
    answerer = start(pause=0.005)
    for _ in range(n_kills):
        n_before = spool.state().drained
        with drainer(environment) as process:
            wait_for(partial(_has_drained_more, process, n_before=n_before))
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


@pytest.mark.parametrize(
    "seconds",
    [1.5, pytest.param(600.0, marks=[pytest.mark.prove, pytest.mark.timeout(3600)])],
)
def test_minutes_without_the_database_lose_nothing(
    environment: dict[str, str], start: Start, seconds: float
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
        answerer = start(pause=0.02)
        wait_for(partial(answerer.has_answered, 300))
        time.sleep(seconds)
        answerer.kill()
        waiting = spool.state()
        proxy.mend()
        while waits := spool.state().n_segments:
            wait_for(partial(_waits_less, than=waits))
        assert process.poll() is None, "the drainer was not to be restarted"
    proxy.close()

    answered = answerer.answered()
    assert waiting.n_bytes > len(answered) * 500
    assert set(answered) <= set(stored_ids())
    # The record that the kill cut off from its answer.
    assert len(stored_ids()) - len(answered) in (1, 2)


def test_two_drainers_share_nothing_and_one_takes_the_others_place(
    environment: dict[str, str], start: Start
) -> None:
    with ExitStack() as stack:
        processes = [stack.enter_context(drainer(environment)) for _ in range(2)]
        answered = start(most=200).answered()
        wait_for(lambda: len(stored_ids()) == 200)
        processes[0].kill()
        answered += start(most=200).answered()
        wait_for(lambda: len(stored_ids()) == 400)
        processes[1].kill()
        survivors = [process.wait(timeout=WAIT_SECONDS) for process in processes]

    assert survivors == [-9, -9]
    assert_stored_once(answered)


def test_a_drainer_ends_when_asked_to(environment: dict[str, str]) -> None:
    with drainer(environment) as process:
        spool.append(make_record(n_candidates=10, k=5))
        wait_for(lambda: len(stored_ids()) == 1)
        process.terminate()

        assert process.wait(timeout=WAIT_SECONDS) == 0


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


def _waits_less(*, than: int) -> bool:
    return spool.state().n_segments < than


def _has_drained_more(process: subprocess.Popen[bytes], *, n_before: int) -> bool:
    assert process.poll() is None, "the drainer ended of itself"
    return spool.state().drained > n_before
