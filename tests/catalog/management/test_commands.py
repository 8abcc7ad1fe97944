"""A shop goes in and out by the command line."""

from __future__ import annotations

import gzip
import io
import json
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Event, Item, Namespace, Run, RunState, User
from catalog.tenancy import org_scope
from tests.catalog.importers.lines import line, write_csv

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
SMALL = ["--items", "30", "--users", "20", "--events", "500"]


@pytest.fixture
def org_id():
    return uuid4()


def run(*arguments, org_id, namespace="shop"):
    out = io.StringIO()
    call_command(
        *map(str, arguments), "--namespace", namespace, "--org-id", org_id, stdout=out
    )
    return out.getvalue()


def counts(org_id):
    with org_scope(org_id):
        return [model.objects.count() for model in (Item, User, Event)]


def test_seeding_stores_the_shop_and_its_evidence(org_id, tmp_path):
    run("seed_dataset", *SMALL, "--output-dir", tmp_path, org_id=org_id)

    assert counts(org_id) == [30, 20, 500]
    manifest = json.loads((tmp_path / "seed_manifest.json").read_text())
    assert (manifest["items"], manifest["events"]) == (30, 500)
    segments = json.loads((tmp_path / "seed_segments.json").read_text())
    assert segments["power_users"]["user_ids"][0] == "user_0001"
    with org_scope(org_id):
        oldest = Item.objects.order_by("created_at")[0]
        assert oldest.created_at < Event.objects.order_by("ts")[0].ts


def test_a_seeding_is_a_run(org_id):
    run("seed_dataset", *SMALL, org_id=org_id)

    with org_scope(org_id):
        done = Run.objects.get(kind="seed")
        assert (done.state, done.progress) == (RunState.SUCCEEDED, 1.0)
        assert done.result["manifest"]["events"] == 500


def test_a_seeding_that_was_killed_goes_on(org_id):
    text = run("seed_dataset", *SMALL, "--no-wait", org_id=org_id)
    with org_scope(org_id):
        queued = Run.objects.get(kind="seed")
    assert str(queued.pk) in text

    run("seed_dataset", *SMALL, org_id=org_id)

    with org_scope(org_id):
        assert Run.objects.get().state == RunState.SUCCEEDED
    assert counts(org_id) == [30, 20, 500]


def test_events_of_a_fixture_are_stored_as_they_are(org_id, tmp_path):
    path = tmp_path / "fixture.json"
    event = {
        "user_id": "u",
        "item_id": "i",
        "type": "add",
        "ts": "2026-01-02T03:04:05Z",
    }
    now = {"user_id": "u", "item_id": "j", "type": 1, "value": 2, "meta": {"a": 1}}
    content = {
        "items": [{"item_id": "i"}, {"item_id": "j"}],
        "users": [{"user_id": "u", "traits": {"segment": "mine"}}],
        "events": [event, now],
    }
    path.write_text(json.dumps(content))

    run("seed_dataset", "--fixture-path", path, org_id=org_id)

    with org_scope(org_id):
        stored = Event.objects.order_by("ts").select_related("item")
        assert [
            (one.item.item_id, one.type, one.value, one.meta) for one in stored
        ] == [
            ("i", 2, 1.0, None),
            ("j", 1, 2.0, {"a": 1}),
        ]


def test_a_fixture_is_stored_as_it_is_and_the_rest_made_up(org_id, tmp_path):
    path = tmp_path / "fixture.json"
    path.write_text(json.dumps({"items": [{"item_id": "mine", "category": "Books"}]}))

    run("seed_dataset", *SMALL, "--fixture-path", path, org_id=org_id)

    assert counts(org_id) == [1, 20, 500]
    with org_scope(org_id):
        assert Item.objects.get().item_id == "mine"


def test_a_faulty_fixture_stores_nothing(org_id, tmp_path):
    path = tmp_path / "fixture.json"
    path.write_text('{"items": [{}]}')

    with pytest.raises(CommandError, match=r"fixture\.json: \$\.items\[0\]"):
        run("seed_dataset", "--fixture-path", path, org_id=org_id)

    assert not Namespace.objects.filter(org_id=org_id).exists()


def test_a_reset_asks_first(org_id, monkeypatch):
    run("seed_dataset", *SMALL, org_id=org_id)
    monkeypatch.setattr("builtins.input", lambda _: "no")

    with pytest.raises(CommandError, match="Nothing was removed"):
        run("reset_namespace", org_id=org_id)
    assert counts(org_id) == [30, 20, 500]

    monkeypatch.setattr("builtins.input", lambda _: "shop")
    run("reset_namespace", org_id=org_id)
    assert counts(org_id) == [0, 0, 0]


def test_a_reset_by_force_asks_nobody(org_id):
    run("seed_dataset", *SMALL, org_id=org_id)

    assert "500 events" in run("reset_namespace", "--force", org_id=org_id)


@pytest.mark.parametrize("form", ["ndjson", "parquet"])
def test_what_is_exported_is_all_there(org_id, tmp_path, form):
    run("seed_dataset", *SMALL, org_id=org_id)

    text = run(
        "export_dataset", "--format", form, "--output-dir", tmp_path, org_id=org_id
    )

    assert "500 events" in text
    if form == "ndjson":
        data = (tmp_path / "events.ndjson.gz").read_bytes()
        lines = gzip.decompress(data).splitlines()
        assert len(lines) == 500
        assert json.loads(lines[0])["meta"]["session_id"] == "s0"


def test_what_is_exported_can_be_imported(org_id, tmp_path):
    run("seed_dataset", *SMALL, org_id=org_id)
    run(
        "export_dataset", "--format", "parquet", "--output-dir", tmp_path, org_id=org_id
    )

    for kind in ("items", "users", "events"):
        path = tmp_path / f"{kind}.parquet"
        command = ["import_dataset", "parquet", path, "--kind", kind]
        run(*command, org_id=org_id, namespace="copy")

    columns = ("title", "tags", "price", "stock", "props", "created_at")
    with org_scope(org_id):
        there, back = (
            list(
                Item.objects.filter(namespace__name=name)
                .order_by("item_id")
                .values_list(*columns)
            )
            for name in ("shop", "copy")
        )
        assert there == back
        events = [
            list(
                Event.objects.filter(namespace__name=name)
                .order_by("ts", "id")
                .values_list("user__user_id", "item__item_id", "type", "ts", "meta")
            )
            for name in ("shop", "copy")
        ]
        assert events[0] == events[1]


def test_an_import_prints_what_it_refused(org_id, tmp_path):
    path = write_csv(tmp_path / "shop.csv", [line(), line(CustomerID="")])
    command = ["import_dataset", "online_retail", path, "--time-zone", "Europe/London"]

    text = run(*command, org_id=org_id)

    assert "2 rows read, 1 accepted" in text
    assert "no_customer" in text
    with pytest.raises(CommandError, match="--again"):
        run(*command, org_id=org_id)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--map", "sku"], "COLUMN=FIELD"),
        (["--time-zone", "Europe/Nowhere"], "no time zone"),
    ],
)
def test_a_wrong_argument_is_explained(org_id, tmp_path, arguments, words):
    path = write_csv(tmp_path / "shop.csv", [line()])

    with pytest.raises(CommandError, match=words):
        run("import_dataset", "csv", path, *arguments, org_id=org_id)
