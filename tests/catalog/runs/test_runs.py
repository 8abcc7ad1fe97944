from __future__ import annotations

from datetime import timedelta
from threading import Thread
from time import monotonic, sleep

import pytest
from celery import Celery, current_app
from django.db import connections
from django.utils import timezone

from catalog.models import Item, Run, RunState
from catalog.operations import runs
from catalog.operations.runs import heartbeat
from catalog.operations.runs.handle import seconds_left
from catalog.operations.runs.journal import MOST_LINES
from catalog.operations.runs.leases import claim, finish
from catalog.tenancy import org_scope
from tests.catalog.runs.executors import EXECUTORS
from tests.clock import NOON
from tests.factories.tenants import make_namespace

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def executors(settings):
    settings.RUN_EXECUTORS = EXECUTORS


@pytest.fixture
def namespace():
    return make_namespace()


def start(namespace, kind, *, at=NOON, **details):
    with org_scope(namespace.org_id):
        return runs.start_run(namespace, kind=kind, at=at, **details)


def execute(run, *, clock=lambda: NOON, limit=None):
    return runs.execute(run.pk, org_id=run.org_id, clock=clock, limit=limit)


def reload(run):
    found = runs.find_run(run.pk)
    assert found is not None
    return found


class TestExecute:
    def test_does_the_work_and_keeps_its_result(self, namespace):
        run = start(namespace, "count", parameters={"items": 3}, requested_by="ellie")

        assert execute(run) == RunState.SUCCEEDED

        done = reload(run)
        assert (done.progress, done.result) == (1.0, {"stored": 3})
        assert done.result_url == "/admin/items"
        assert done.requested_by == "ellie"
        assert (done.attempts, done.lease_owner) == (1, "")

    def test_does_nothing_twice(self, namespace):
        run = start(namespace, "count", parameters={"items": 2})

        assert [execute(run), execute(run)] == [RunState.SUCCEEDED, None]

    def test_waits_until_the_run_is_due(self, namespace):
        run = start(namespace, "count", not_before=NOON + MINUTE)

        assert execute(run) is None

    def test_keeps_the_words_of_a_foreseen_failure(self, namespace):
        run = start(namespace, "explain")

        assert execute(run) == RunState.FAILED
        assert reload(run).error.startswith("Row 7 has no price.")

    def test_says_what_to_do_about_an_unforeseen_one(self, namespace):
        run = start(namespace, "break_down")

        assert execute(run) == RunState.FAILED
        assert "ZeroDivisionError: by nothing" in reload(run).error
        assert "Start it again" in reload(run).error

    def test_names_the_known_kinds_when_asked_for_another(self, namespace):
        run = start(namespace, "dance")

        assert execute(run) == RunState.FAILED
        assert "count" in reload(run).error

    def test_tries_again_after_the_database_was_away(self, namespace):
        run = start(namespace, "lose_the_database")

        assert execute(run) == RunState.QUEUED
        assert reload(run).not_before > NOON

    def test_gives_up_when_the_database_stays_away(self, namespace):
        run = start(namespace, "lose_the_database")

        states = [
            execute(run, clock=lambda turn=turn: NOON + turn * MINUTE)
            for turn in range(5)
        ]

        assert states == [RunState.QUEUED] * 4 + [RunState.FAILED]

    def test_leaves_a_second_run_of_its_kind_until_the_first_is_done(self, namespace):
        first, second = start(namespace, "count"), start(namespace, "count")
        claim(first.pk, org_id=first.org_id, owner="a worker", at=NOON)

        assert execute(second) is None

    def test_ends_when_asked_to(self, namespace):
        run = start(namespace, "linger", at=timezone.now())
        worker = Thread(target=_execute_and_hang_up, args=(run,))
        worker.start()
        wait_for(lambda: reload(run).state == RunState.RUNNING)

        with org_scope(run.org_id):
            runs.cancel_run(run.pk, at=NOON)
        worker.join(timeout=15)

        assert reload(run).state == RunState.CANCELLED


class TestTimeLimit:
    LIMIT = runs.TimeLimit(soft=17_400, hard=18_000)
    NONE = runs.TimeLimit(soft=1e-6, hard=2e-6)

    def assert_failed_for_good(self, run, words):
        ended = reload(run)
        assert (ended.state, ended.lease_owner) == (RunState.FAILED, "")
        assert (ended.lease_until, ended.attempts) == (None, 1)
        assert words in ended.error
        assert "RECSYS_TASK_SOFT_LIMIT" in ended.error
        assert runs.resend_unclaimed(at=NOON + MINUTE) == 0
        assert execute(run, clock=lambda: NOON + MINUTE) is None

    def test_fails_with_how_long_it_may_take_and_what_changes_that(self, namespace):
        run = start(namespace, "run_out_of_time")

        assert execute(run, limit=self.LIMIT) == RunState.FAILED
        self.assert_failed_for_good(run, "may work for 4 h 50 min")
        assert reload(run).progress == 0.5

    def test_ends_what_only_looks_whether_it_was_cancelled(self, namespace):
        run = start(namespace, "linger")

        assert execute(run, limit=self.NONE) == RunState.FAILED
        self.assert_failed_for_good(run, "may work for 1e-06 s")

    def test_writes_off_what_hears_nothing_before_it_is_killed(
        self, namespace, monkeypatch, caplog
    ):
        monkeypatch.setattr(heartbeat, "SECONDS_BETWEEN_BEATS", 0.05)
        run = start(namespace, "hear_nothing")

        # Whoever did it comes too late to say how it ended.
        assert execute(run, limit=self.NONE) is None
        self.assert_failed_for_good(run, "may work for")
        assert caplog.text.count("did not end in time") == 1

    def test_frees_the_way_for_the_next_of_its_kind(self, namespace):
        first, second = start(namespace, "linger"), start(namespace, "linger")
        execute(first, limit=self.NONE)

        assert execute(second, limit=self.NONE) == RunState.FAILED

    def test_is_no_concern_of_who_does_a_run_by_hand(self, namespace):
        run = start(namespace, "run_out_of_time")

        assert execute(run) == RunState.FAILED
        assert "SoftTimeLimitExceeded" in reload(run).error


class TestLog:
    def test_is_kept_with_the_run(self, namespace):
        run = start(namespace, "explain")
        execute(run)

        ended = reload(run)
        begun, warned, told, ends = (line[20:] for line in ended.log)
        assert begun == f"INFO Attempt 1 of explain begins on {ended.worker}"
        assert (warned, told) == (
            "WARNING Row 7 is odd",
            "INFO column_read column=price rows=9",
        )
        assert ends.startswith("INFO It ends: Row 7 has no price.")

    def test_tells_of_each_step_once(self, namespace):
        run = start(namespace, "count", parameters={"items": 3})
        execute(run)

        assert [line[20:] for line in reload(run).log][1:] == [
            "INFO item 1",
            "INFO It is done",
        ]

    def test_tells_where_an_unforeseen_fault_was(self, namespace):
        run = start(namespace, "break_down")
        execute(run)

        assert "executors.py" in "".join(reload(run).log)
        assert "ZeroDivisionError: by nothing" in "".join(reload(run).log)

    def test_goes_on_over_attempts_and_keeps_the_newest_lines(self, namespace):
        run = start(namespace, "lose_the_database")
        with org_scope(run.org_id):
            Run.objects.update(log=[f"line {n}" for n in range(MOST_LINES)])
        execute(run)
        execute(run, clock=lambda: NOON + MINUTE)

        kept = reload(run).log
        assert len(kept) == MOST_LINES
        assert [line[20:46] for line in kept if "begins" in line] == [
            f"INFO Attempt {n} of lose_the" for n in (1, 2)
        ]


class TestFencing:
    def test_refuses_what_a_former_holder_writes(self, namespace):
        run = start(namespace, "count", parameters={"items": 1})
        former = claim(run.pk, org_id=run.org_id, owner="first", at=NOON)
        latter = claim(run.pk, org_id=run.org_id, owner="second", at=NOON + MINUTE)

        assert former is not None
        assert latter is not None
        with pytest.raises(runs.LeaseLostError):
            store_one(runs.LeasedHandle(former), namespace)

        with org_scope(run.org_id):
            assert not Item.objects.exists()
        assert not finish(former, state=RunState.SUCCEEDED, at=NOON)
        assert finish(latter, state=RunState.SUCCEEDED, at=NOON)

    def test_is_not_held_by_two_at_once(self, namespace):
        run = start(namespace, "count")

        assert claim(run.pk, org_id=run.org_id, owner="first", at=NOON) is not None
        assert claim(run.pk, org_id=run.org_id, owner="second", at=NOON) is None


class TestStartRunOnce:
    def test_returns_the_run_that_waits_already(self, namespace):
        with org_scope(namespace.org_id):
            first = runs.start_run_once(namespace, kind="count", at=NOON)
            second = runs.start_run_once(namespace, kind="count", at=NOON + MINUTE)

        assert first == second

    def test_starts_another_while_one_is_at_work(self, namespace):
        first = start(namespace, "count")
        claim(first.pk, org_id=first.org_id, owner="a worker", at=NOON)

        with org_scope(namespace.org_id):
            second = runs.start_run_once(namespace, kind="count", at=NOON)

        assert first != second


class TestCancel:
    def test_ends_a_run_that_nobody_claimed_at_once(self, namespace):
        run = start(namespace, "count")

        with org_scope(run.org_id):
            runs.cancel_run(run.pk, at=NOON)
            again = runs.cancel_run(run.pk, at=NOON)

        assert again.state == RunState.CANCELLED
        assert execute(run) is None

    def test_refuses_to_end_what_is_over(self, namespace):
        run = start(namespace, "count", parameters={"items": 0})
        execute(run)

        with org_scope(run.org_id), pytest.raises(runs.AlreadyOverError):
            runs.cancel_run(run.pk, at=NOON)


class TestResendUnclaimed:
    def test_sends_what_nobody_claimed_for_half_a_minute(self, namespace):
        start(namespace, "count")

        assert runs.resend_unclaimed(at=NOON + timedelta(seconds=29)) == 0
        assert runs.resend_unclaimed(at=NOON + timedelta(seconds=30)) == 1
        assert runs.resend_unclaimed(at=NOON + timedelta(seconds=31)) == 0

    def test_sends_what_its_worker_left(self, namespace):
        run = start(namespace, "count")
        claim(run.pk, org_id=run.org_id, owner="killed", at=NOON)

        assert runs.resend_unclaimed(at=NOON + timedelta(seconds=15)) == 0
        assert runs.resend_unclaimed(at=NOON + timedelta(seconds=21)) == 1

    def test_gives_up_what_killed_five_workers(self, namespace):
        run = start(namespace, "count")
        for turn in range(5):
            claim(run.pk, org_id=run.org_id, owner="killed", at=NOON + turn * MINUTE)

        runs.resend_unclaimed(at=NOON + 5 * MINUTE)

        assert reload(run).state == RunState.FAILED
        assert "5 workers" in reload(run).error


def test_a_run_is_written_though_the_broker_is_away(namespace, caplog):
    here = current_app._get_current_object()
    Celery("away", broker="redis+socket:///nowhere/valkey.sock").set_current()
    try:
        run = start(namespace, "count", parameters={"items": 1})
    finally:
        here.set_current()

    assert "waits for the broker" in caplog.text
    assert runs.resend_unclaimed(at=NOON + MINUTE) == 1
    assert execute(run) == RunState.SUCCEEDED


@pytest.mark.parametrize(
    ("done", "to_do", "left"), [(0.5, 0.5, 10.0), (0.0, 1.0, None), (0.25, 0.5, 20.0)]
)
def test_the_time_left_follows_the_speed_so_far(done, to_do, left):
    assert seconds_left(elapsed=10.0, done=done, to_do=to_do) == left


def store_one(handle, namespace):
    with org_scope(handle.org_id):
        Item.objects.create(
            org_id=handle.org_id,
            namespace=namespace,
            item_id="late",
            created_at=NOON,
            updated_at=NOON,
        )
        handle.checkpoint({"stored": 1})


def _execute_and_hang_up(run: Run) -> None:
    try:
        execute(run, clock=timezone.now)
    finally:
        connections.close_all()


def wait_for(condition) -> None:
    until = monotonic() + 10
    while not condition():
        assert monotonic() < until, "It did not happen within 10 s."
        sleep(0.05)
