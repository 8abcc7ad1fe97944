from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.core.wire import EventTypeIn
from catalog.models import ChangeKind, Item, ItemVector, Run, RunState
from catalog.operations import record_change, runs, upsert_event_types
from catalog.tenancy import org_scope
from ranking import builder
from ranking.models import BuildState, SignalBuild
from ranking.operations.build_starting import start_due_builds
from ranking.operations.build_states import path_of
from ranking.operations.embeddings import refresh_embeddings
from tests.clock import NOON

from .shops import make_shop, send_events, shop_events

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = timedelta(seconds=5)


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def shop():
    at = timezone.now() - LONG_AGO
    namespace = make_shop(at=at)
    send_events(namespace, shop_events(100, until=at), at=at)
    return namespace


def live_builds(namespace):
    with org_scope(namespace.org_id):
        return list(
            SignalBuild.objects.filter(namespace=namespace, state=BuildState.LIVE)
        )


class TestBuilder:
    def test_builds_what_no_worker_takes_up(self, shop, monkeypatch):
        monkeypatch.setattr(builder, "LEFT_TO_WORKERS_SECONDS", -1.0)

        done = builder.look_once({}, {})

        assert done == 1
        assert len(live_builds(shop)) == 1

    def test_leaves_a_run_to_the_workers_at_first(self, shop):
        assert builder.look_once({}, {}) == 0
        with org_scope(shop.org_id):
            run = Run.objects.get(namespace=shop)
        assert (run.kind, run.state, run.queue) == ("build", RunState.QUEUED, "builds")

    def test_rests_while_nothing_changes(self, shop, monkeypatch):
        monkeypatch.setattr(builder, "LEFT_TO_WORKERS_SECONDS", -1.0)
        builder.look_once({}, {})

        assert start_due_builds(at=timezone.now() + timedelta(hours=1)) == []

    def test_starts_one_build_for_a_burst(self, shop):
        at = timezone.now()

        started = [run for _ in range(3) for run in start_due_builds(at=at)]

        assert len(started) == 1

    def test_builds_again_for_what_came_during_the_build(self, shop, monkeypatch):
        monkeypatch.setattr(builder, "LEFT_TO_WORKERS_SECONDS", -1.0)
        builder.look_once({}, {})
        at = timezone.now()
        send_events(shop, shop_events(5, seed=7), at=at)

        assert start_due_builds(at=at + timedelta(seconds=1)) == []
        assert len(start_due_builds(at=at + timedelta(seconds=3))) == 1

    def test_builds_again_when_an_event_type_weighs_more(self, shop, monkeypatch):
        monkeypatch.setattr(builder, "LEFT_TO_WORKERS_SECONDS", -1.0)
        builder.look_once({}, {})
        at = timezone.now()
        view = EventTypeIn(type=0, name="view", weight=0.9)
        with org_scope(shop.org_id):
            upsert_event_types(shop, [view], at=at)

        assert len(start_due_builds(at=at + timedelta(seconds=3))) == 1

    def test_leaves_signals_alone_when_rules_alone_change(self, shop, monkeypatch):
        monkeypatch.setattr(builder, "LEFT_TO_WORKERS_SECONDS", -1.0)
        builder.look_once({}, {})
        at = timezone.now()
        with org_scope(shop.org_id):
            record_change(shop, kind=ChangeKind.CONFIGURATION, count=1, at=at)

        assert start_due_builds(at=at + timedelta(hours=1)) == []

    def test_builds_again_what_it_cannot_read(self, shop, monkeypatch):
        monkeypatch.setattr(builder, "LEFT_TO_WORKERS_SECONDS", -1.0)
        builder.look_once({}, {})
        (live,) = live_builds(shop)
        content = bytearray(path_of(live).read_bytes())
        content[8] = 0  # the version of the layout
        path_of(live).write_bytes(content)

        soon = timezone.now() + timedelta(seconds=3)

        assert len(start_due_builds(at=soon)) == 1


class TestCommands:
    def test_builds_and_waits(self, shop):
        out = StringIO()

        call_command("build_signals", "--namespace", "shop", "--wait", stdout=out)

        assert "signals of 30 items from 100 events are built" in out.getvalue()
        assert len(live_builds(shop)) == 1

    def test_builds_as_of_a_moment_without_serving_it(self, shop):
        moment = (timezone.now() - timedelta(days=5)).isoformat()

        call_command("build_signals", "--wait", "--as-of", moment, stdout=StringIO())

        assert live_builds(shop) == []

    def test_leaves_it_to_a_worker(self, shop):
        out = StringIO()

        call_command("build_signals", "--namespace", "shop", stdout=out)

        assert "queued as Run" in out.getvalue()

    def test_says_that_there_is_no_such_namespace(self):
        with pytest.raises(CommandError, match="no such namespace"):
            call_command("build_signals", "--namespace", "nowhere")

    def test_rolls_back(self, shop):
        for _ in range(2):
            call_command("build_signals", "--wait", stdout=StringIO())
        out = StringIO()

        call_command("rollback_signals", "--namespace", "shop", stdout=out)

        assert "is served by the signals as of" in out.getvalue()

    def test_says_that_a_build_failed(self, shop, settings):
        settings.RUN_EXECUTORS = {"build": f"{__name__}.{fail.__name__}"}

        with pytest.raises(CommandError, match="the disk is full"):
            call_command("build_signals", "--wait", stdout=StringIO())


def fail(_handle):
    raise runs.RunFailedError("the disk is full")


class TestRefreshEmbeddings:
    def test_computes_only_what_changed(self, shop):
        first = refresh_embeddings(shop, at=NOON)
        with org_scope(shop.org_id):
            Item.objects.filter(namespace=shop, item_id="item-003").update(title="New")

        again = refresh_embeddings(shop, at=NOON)

        assert (first.seen, first.changed) == (30, 30)
        assert (again.seen, again.changed) == (30, 1)

    def test_goes_on_in_batches(self, shop):
        assert refresh_embeddings(shop, at=NOON, batch=7).changed == 30

    def test_only_counts_in_a_dry_run(self, shop):
        out = StringIO()

        call_command("refresh_embeddings", "--dry-run", stdout=out)

        assert "30 of 30 vectors would be refreshed" in out.getvalue()
        with org_scope(shop.org_id):
            assert not ItemVector.objects.filter(namespace=shop).exists()

    def test_looks_at_recent_items_only(self, shop):
        later = timezone.now() + timedelta(days=1)

        assert refresh_embeddings(shop, at=NOON, since=later).seen == 0


def test_warms_up_without_a_trace(files_root):
    builder.warm_up()

    assert list(files_root.iterdir()) == []
