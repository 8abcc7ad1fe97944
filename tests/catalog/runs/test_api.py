from __future__ import annotations

import io
import zipfile
from uuid import uuid4

import pytest
from django.test import Client

from catalog import access
from catalog.models import Run
from catalog.operations import runs
from catalog.tenancy import org_scope
from tests.catalog.runs.executors import EXECUTORS
from tests.clock import NOON
from tests.factories.tenants import make_namespace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def desk(settings, tmp_path):
    settings.RUN_EXECUTORS = EXECUTORS
    settings.STATIC_ROOT = tmp_path
    access.forget_cached()


@pytest.fixture
def namespace():
    return make_namespace()


def client(namespace):
    return Client(headers={"X-Org-ID": str(namespace.org_id)})


def start(namespace, **details):
    with org_scope(namespace.org_id):
        return runs.start_run(namespace, kind="count", at=NOON, **details)


def test_a_run_can_be_followed_to_its_end(namespace):
    run = start(namespace, parameters={"items": 2}, requested_by="ellie")
    before = client(namespace).get(f"/v1/admin/runs/{run.pk}").json()
    runs.execute(run.pk, org_id=run.org_id, clock=lambda: NOON)

    after = client(namespace).get(f"/v1/admin/runs/{run.pk}").json()

    assert (before["state"], before["requested_by"]) == ("queued", "ellie")
    assert (after["state"], after["progress"]) == ("succeeded", 1.0)
    assert after["result"] == {"stored": 2}


def test_runs_are_listed_newest_first_and_by_state(namespace):
    first, second = start(namespace), start(namespace)
    with org_scope(namespace.org_id):
        runs.cancel_run(first.pk, at=NOON)

    def ids(**query):
        answer = client(namespace).get("/v1/admin/runs", {"namespace": "shop", **query})
        return [run["run_id"] for run in answer.json()["items"]]

    assert ids() == [str(second.pk), str(first.pk)]
    assert ids(state="queued") == [str(second.pk)]
    assert ids(limit=1, offset=1) == [str(first.pk)]
    assert ids(kind="import") == []


def test_runs_are_walked_by_cursor(namespace):
    started = [str(start(namespace).pk) for _ in range(5)]
    query, found = {"namespace": "shop", "limit": 2}, []
    while True:
        page = client(namespace).get("/v1/admin/runs", query).json()
        found += [run["run_id"] for run in page["items"]]
        if not page["has_more"]:
            break
        query["cursor"] = page["next_cursor"]

    assert found == started[::-1]


def test_an_unknown_state_is_refused_with_the_known_ones(namespace):
    query = {"namespace": "shop", "state": "done"}

    answer = client(namespace).get("/v1/admin/runs", query)

    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_state"
    assert "queued, running, succeeded, failed, cancelled" in answer.json()["message"]


def test_a_waiting_run_is_cancelled_at_once(namespace):
    run = start(namespace)

    answer = client(namespace).post(f"/v1/admin/runs/{run.pk}:cancel")

    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")


def test_what_is_over_cannot_be_cancelled(namespace):
    run = start(namespace, parameters={"items": 0})
    runs.execute(run.pk, org_id=run.org_id, clock=lambda: NOON)

    answer = client(namespace).post(f"/v1/admin/runs/{run.pk}:cancel")

    assert (answer.status_code, answer.json()["code"]) == (409, "run_is_over")


def test_another_org_s_run_does_not_exist(namespace):
    run = start(make_namespace())

    for path in (f"/v1/admin/runs/{run.pk}", f"/v1/admin/runs/{uuid4()}"):
        answer = client(namespace).get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "run_not_found")


def test_the_namespace_of_a_list_is_asked_for(namespace):
    answer = client(namespace).get("/v1/admin/runs")

    assert answer.json()["code"] == "missing_namespace"


def finished(namespace, files):
    with org_scope(namespace.org_id):
        run = runs.start_run(namespace, kind="export", at=NOON)
        named = {path.name: {"file": str(path)} for path in files}
        Run.objects.filter(pk=run.pk).update(result={"files": named})
    return run


def test_the_file_of_a_run_is_downloaded(namespace, tmp_path):
    path = tmp_path / "items.ndjson.gz"
    path.write_bytes(b"packed")
    run = finished(namespace, [path])

    answer = client(namespace).get(f"/v1/admin/runs/{run.pk}/result")

    assert answer.status_code == 200
    assert answer.getvalue() == b"packed"
    name = 'filename="shop-2026-03-02-items.ndjson.gz"'
    assert name in answer["Content-Disposition"]


def test_several_files_of_a_run_are_downloaded_as_one(namespace, tmp_path):
    paths = [tmp_path / "items.parquet", tmp_path / "users.parquet"]
    for path in paths:
        path.write_bytes(path.name.encode() * 100_000)
    run = finished(namespace, paths)

    answer = client(namespace).get(f"/v1/admin/runs/{run.pk}/result")

    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [path.name for path in paths]
        assert archive.read("users.parquet") == paths[1].read_bytes()


def test_what_is_not_there_cannot_be_downloaded(namespace, tmp_path):
    gone = finished(namespace, [tmp_path / "gone.parquet"])

    for run, words in ((gone, "gone.parquet is not"), (start(namespace), "no files")):
        answer = client(namespace).get(f"/v1/admin/runs/{run.pk}/result")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_result")
        assert words in answer.json()["message"]


def test_another_org_s_files_do_not_exist(namespace, tmp_path):
    path = tmp_path / "items.parquet"
    path.write_bytes(b"secret")
    run = finished(make_namespace(), [path])

    answer = client(namespace).get(f"/v1/admin/runs/{run.pk}/result")

    assert (answer.status_code, answer.json()["code"]) == (404, "run_not_found")
