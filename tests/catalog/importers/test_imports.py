"""Imports as Runs, on a real database and through kill -9."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from time import monotonic, sleep

import pytest
from django.utils import timezone

from catalog.core.wire import EventTypeIn
from catalog.importers.files import BATCH_ROWS, digest
from catalog.importers.report import as_lines
from catalog.importers.runs import ImportedBeforeError, start_import
from catalog.importers.storing import Place
from catalog.models import Event, Item, Run, RunState, User
from catalog.operations import runs, upsert_event_types
from catalog.tenancy import org_scope
from tests.clock import NOON
from tests.factories.tenants import make_namespace

from .lines import line, request, write_csv

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
DAY = 86_400


def start(namespace, path, *, at=NOON, again=False, **fields):
    asked = request(path, sha256=digest(path), **fields)
    with org_scope(namespace.org_id):
        return start_import(namespace, asked, requested_by="ellie", at=at, again=again)


def execute(run):
    state = runs.execute(run.pk, org_id=run.org_id, clock=lambda: NOON)
    found = runs.find_run(run.pk)
    assert found is not None
    assert found.state == state, found.error
    return found


def test_an_import_stores_what_is_good_and_reports_the_rest(tmp_path):
    namespace = make_namespace()
    path = write_csv(
        tmp_path / "shop.csv",
        [line(), line(), line(StockCode="22111"), line(CustomerID="")],
    )

    done = execute(start(namespace, path))

    assert done.state == RunState.SUCCEEDED
    counts = [done.result[name] for name in ("items", "users", "events")]
    assert counts == [2, 1, 3]
    assert done.result["rows_rejected"] == 1
    table = "\n".join(as_lines(done.result))
    assert "no_customer" in table
    assert "nobody can be named" in table
    with org_scope(namespace.org_id):
        first = Item.objects.get(item_id="85123A")
        assert first.created_at.year == 2010
        assert Event.objects.order_by("id")[0].meta["order_id"] == "536365"
        assert Event.objects.count() == 3


def test_whatever_a_file_holds_is_stored_as_it_is(tmp_path):
    namespace = make_namespace()
    with org_scope(namespace.org_id):
        wish = EventTypeIn(type=9, name="wish", weight=0.5)
        upsert_event_types(namespace, [wish], at=NOON)
    odd = 'tab\t "quoted" back\\slash\nline'
    rows = [
        {"user_id": "ü\\n", "item_id": "i", "type": "wish", "ts": 1_600_000_060},
        {"user_id": "v", "item_id": "i", "type": 9, "ts": 1_600_000_000},
    ]
    keys = [{"source_event_id": key} for key in ("k\\1", "k2")]
    metas = [{"meta": json.dumps({"a": odd}, indent=1)}, {"meta": None}]
    whole = [a | b | c for a, b, c in zip(rows, keys, metas, strict=True)]
    path = write_csv(tmp_path / "events.csv", [*whole, whole[0]])

    done = execute(start(namespace, path, form="csv", kind="events"))

    assert done.state == RunState.SUCCEEDED, done.error
    assert (done.result["rows_accepted"], done.result["events"]) == (3, 2)
    with org_scope(namespace.org_id):
        found = Event.objects.order_by("ts").select_related("user")
        assert [
            (event.user.user_id, event.type, event.meta, event.source_event_id)
            for event in found
        ] == [("v", 9, None, "k2"), ("ü\\n", 9, {"a": odd}, "k\\1")]


def test_an_import_goes_on_with_what_it_knows_of_the_lines_before(tmp_path):
    namespace = make_namespace()
    path = write_csv(tmp_path / "shop.csv", [line(), line(StockCode="22111")])
    run = start(namespace, path)
    place = Place(step="articles", rows=0, events=2)
    with org_scope(namespace.org_id):
        Run.objects.filter(pk=run.pk).update(checkpoint=place.to_json())

    done = execute(run)

    assert done.state == RunState.SUCCEEDED, done.error
    counts = [done.result[name] for name in ("items", "users", "events")]
    assert counts == [2, 1, 2]
    assert done.result["notes"]["articles"] == 2


@pytest.mark.parametrize(
    "place",
    [
        {"step": 2, "rows": 1},
        {"step": "orders", "rows": 1},
        {"step": "purchases", "rows": 7, "batch_rows": 7},
    ],
)
def test_an_import_begun_by_another_version_is_not_guessed_at(tmp_path, place):
    namespace = make_namespace()
    run = start(namespace, write_csv(tmp_path / "shop.csv", [line()]))
    with org_scope(namespace.org_id):
        Run.objects.filter(pk=run.pk).update(checkpoint=place)

    assert "reset_namespace" in execute(run).error


def test_the_same_file_is_refused_a_second_time(tmp_path):
    namespace = make_namespace()
    path = write_csv(tmp_path / "shop.csv", [line()])
    execute(start(namespace, path))

    with pytest.raises(ImportedBeforeError):
        start(namespace, path)

    assert execute(start(namespace, path, again=True)).state == RunState.SUCCEEDED
    other = make_namespace("other", org_id=namespace.org_id)
    assert execute(start(other, path)).state == RunState.SUCCEEDED


def test_an_import_of_rubbish_says_so(tmp_path):
    namespace = make_namespace()
    path = write_csv(tmp_path / "shop.csv", [line(CustomerID="")])

    done = execute(start(namespace, path))

    assert done.state == RunState.FAILED
    assert "Not one of 1 rows" in done.error
    assert "nobody can be named" in done.error


def test_a_file_that_is_elsewhere_is_asked_for(tmp_path):
    namespace = make_namespace()
    path = write_csv(tmp_path / "shop.csv", [line()])
    run = start(namespace, path)
    path.unlink()

    done = execute(run)

    assert done.state == RunState.FAILED
    assert "not on this machine" in done.error


@pytest.mark.processes
def test_a_killed_import_goes_on_and_stores_each_event_once(tmp_path):
    namespace = make_namespace()
    rows = 4 * BATCH_ROWS
    path = tmp_path / "events.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["user_id", "item_id", "type", "ts"])
        writer.writerows(
            (f"u{row % 997}", f"i{row % 101}", 0, 1_767_225_600 + row)
            for row in range(rows)
        )
    run = start(namespace, path, at=timezone.now(), form="csv", kind="events")

    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.support.worker", str(run.pk), str(run.org_id)]
    )
    wait_for(lambda: runs.find_run(run.pk).checkpoint.get("events", 0) > 0)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    stored_when_killed = count(namespace)
    state = runs.execute(
        run.pk,
        org_id=run.org_id,
        clock=lambda: timezone.now() + timedelta(seconds=25),
    )

    assert state == RunState.SUCCEEDED
    assert 0 < stored_when_killed < rows
    assert stored_when_killed % BATCH_ROWS == 0
    assert count(namespace) == rows
    done = runs.find_run(run.pk)
    assert done.attempts == 2
    assert done.result["events"] == done.result["rows_read"] == rows
    with org_scope(namespace.org_id):
        assert Event.objects.values("ts").distinct().count() == rows
        assert (User.objects.count(), Item.objects.count()) == (997, 101)


def count(namespace) -> int:
    with org_scope(namespace.org_id):
        return Event.objects.filter(namespace=namespace).count()


def wait_for(condition) -> None:
    until = monotonic() + 60
    while not condition():
        assert monotonic() < until, "It did not happen within 60 s."
        sleep(0.02)
