from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from catalog import access
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
