from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from catalog.core.filters import Filter
from catalog.core.wire import EventIn, ItemIn
from catalog.models import Change, ChangeKind, Event
from catalog.operations import delete_events, upsert_items
from catalog.queries.export import export_events
from catalog.tenancy import org_scope
from ranking.models import BuildState, SignalBuild
from ranking.operations import builds
from ranking.operations.build_retention import collect_builds
from ranking.operations.build_states import NothingToRollBackError
from ranking.queries.build_inputs import events_directory
from ranking.signals.layout import DamagedSnapshotError, flatten
from ranking.signals.open import open_snapshot
from ranking.signals.validation import InvalidSignalsError
from tests.clock import NOON

from .shops import fresh, make_shop, send_events, shop_events

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def shop():
    namespace = make_shop()
    send_events(namespace, shop_events(400))
    return fresh(namespace)


def build(namespace, *, at=NOON, **details):
    return builds.build_signals(fresh(namespace), at=at, **details)


def go_live(signal_build, *, at=NOON):
    with org_scope(signal_build.org_id):
        return builds.make_live(signal_build, at=at)


def snapshot_of(signal_build):
    return open_snapshot(builds.path_of(signal_build))


def hashes(signal_build, *, without=("items",)):
    columns = signal_build.manifest["columns"]
    return {name: each["hash"] for name, each in columns.items() if name not in without}


def row(snapshot, item_id):
    return snapshot.row_of_id(item_id.encode())


class TestBuildSignals:
    def test_fills_every_signal_of_the_snapshot(self, shop):
        snapshot = snapshot_of(build(shop))

        assert len(snapshot) == 30
        assert snapshot.popularity.max() > 0
        assert len(snapshot.covisitation.rows)
        assert len(snapshot.session.starts) == 31
        assert len(snapshot.ease.rows)
        assert snapshot.factors.matrix.shape == (30, 64)
        assert snapshot.content.matrix.shape == (30, 64)
        assert len(snapshot.users) == 12
        assert len(snapshot.bought) == len(snapshot.repeat) == 12
        assert sorted(
            snapshot.segment_names.text(code)
            for code in range(len(snapshot.segment_names))
        ) == ["books", "garden", "toys"]
        assert snapshot.tags.code("common") >= 0

    def test_finds_the_shelf_that_users_keep_to(self, shop):
        snapshot = snapshot_of(build(shop))

        neighbours, _ = snapshot.covisitation.of(row(snapshot, "item-004"))

        shelves = [snapshot.ids.text(int(i)) for i in neighbours]
        assert shelves
        assert {int(item_id[-3:]) % 3 for item_id in shelves} == {1}

    def test_comes_to_the_same_file_from_the_same_data(self, shop, files_root):
        first = build(shop)
        for folder in ("signals", "snapshots", "events"):
            (files_root / folder).rename(files_root / f"former-{folder}")

        again = build(shop)

        assert bytes(again.snapshot_hash) == bytes(first.snapshot_hash)
        assert hashes(again, without=()) == hashes(first, without=())

    def test_shares_column_files_while_nothing_changed(self, shop):
        first = build(shop)

        again = build(shop)

        assert hashes(again, without=()) == hashes(first, without=())
        assert again.counts["events_read"] == 0

    def test_comes_to_the_same_columns_bit_by_bit_as_at_once(self, files_root):
        namespace = make_shop()
        events = shop_events(900)
        for start in range(0, 900, 300):
            send_events(namespace, events[start : start + 300])
            gradual = build(namespace)
        (files_root / "events").rename(files_root / "events-then")

        at_once = build(namespace)

        assert gradual.counts["events_read"] == 300
        assert at_once.counts["events_read"] == 900
        assert hashes(at_once) == hashes(gradual)

    def test_looks_at_no_event_after_its_moment(self, shop):
        moment = NOON - timedelta(days=20)
        then = build(shop, as_of=moment)

        late = [
            EventIn(user_id="user-001", item_id="item-000", type=3, ts=moment + day)
            for day in (timedelta(microseconds=1), timedelta(days=3))
        ]
        send_events(shop, late * 50)
        with_later_events = build(shop, as_of=moment)

        before, after = snapshot_of(then), snapshot_of(with_later_events)
        for (name, column), (_, other) in zip(
            flatten(before), flatten(after), strict=True
        ):
            np.testing.assert_array_equal(column, other, err_msg=name)

    def test_leaves_out_items_that_did_not_exist_at_its_moment(self, shop):
        with org_scope(shop.org_id):
            upsert_items(shop, [ItemIn(item_id="new", title="New thing")], at=NOON)

        then = build(shop, as_of=NOON - timedelta(days=10))

        snapshot = snapshot_of(then)
        # Imported today, but known by events of long ago.
        assert row(snapshot, "item-001") >= 0
        assert row(snapshot, "new") == -1
        assert row(snapshot_of(build(shop)), "new") >= 0

    def test_forgets_deleted_events(self, shop):
        build(shop)
        with org_scope(shop.org_id):
            delete_events(shop, Filter(user_id="user-001"), at=NOON)

        after = build(shop)

        with org_scope(shop.org_id):
            left = Event.objects.filter(namespace=shop).count()
        assert after.counts["events"] == left < 400

    def test_serves_a_shop_without_any_event(self):
        snapshot = snapshot_of(build(make_shop()))

        assert len(snapshot) == 30
        assert not snapshot.popularity.any()
        assert snapshot.content.matrix.any()

    def test_builds_an_empty_namespace(self):
        assert len(snapshot_of(build(make_shop(items=0)))) == 0

    def test_takes_supplied_vectors_where_most_items_have_one(self, shop):
        vectors = np.eye(30, 96)
        with org_scope(shop.org_id):
            upsert_items(
                shop,
                [
                    ItemIn(item_id=f"item-{i:03}", embedding=vectors[i].tolist())
                    for i in range(20)
                ],
                at=NOON,
            )

        made = build(shop)

        snapshot = snapshot_of(made)
        assert snapshot.manifest["content_space"] == "supplied"
        lengths = np.linalg.norm(snapshot.content.of(np.arange(30)), axis=1)
        # Items without one are not placed among vectors that they are not like.
        assert lengths.round(2).tolist() == [1.0] * 20 + [0.0] * 10

    def test_keeps_the_reason_of_a_failure(self, shop, monkeypatch):
        def refuse(*_args, **_kwargs):
            raise InvalidSignalsError("popularity holds NaN")

        monkeypatch.setattr(builds, "validate", refuse)
        with pytest.raises(InvalidSignalsError):
            build(shop)

        with org_scope(shop.org_id):
            failed = SignalBuild.objects.get(namespace=shop)
        assert failed.state == BuildState.FAILED
        assert "popularity holds NaN" in failed.error


class TestMakeLive:
    def test_supersedes_the_former_build_and_says_so_in_the_feed(self, shop):
        former, newer = build(shop), build(shop)
        go_live(former)

        number = go_live(newer)

        former.refresh_from_db()
        assert former.state == BuildState.SUPERSEDED
        assert newer.state == BuildState.LIVE
        with org_scope(shop.org_id):
            change = Change.objects.get(namespace=shop, number=number)
        assert change.kind == ChangeKind.SNAPSHOT

    def test_goes_back_to_the_build_before(self, shop):
        former = build(shop)
        go_live(former)
        go_live(build(shop, at=NOON + timedelta(minutes=1)))

        with org_scope(shop.org_id):
            served = builds.roll_back(shop, at=NOON)

        assert served.pk == former.pk

    def test_does_not_go_back_to_a_damaged_file(self, shop):
        former = build(shop)
        go_live(former)
        go_live(build(shop, at=NOON + timedelta(minutes=1)))
        path = builds.path_of(former)
        content = bytearray(path.read_bytes())
        content[-200] ^= 1
        path.write_bytes(bytes(content))

        with org_scope(shop.org_id), pytest.raises(DamagedSnapshotError):
            builds.roll_back(shop, at=NOON)

        with org_scope(shop.org_id):
            live = SignalBuild.objects.get(namespace=shop, state=BuildState.LIVE)
        assert live.pk != former.pk

    def test_has_nothing_to_go_back_to_at_first(self, shop):
        go_live(build(shop))

        with org_scope(shop.org_id), pytest.raises(NothingToRollBackError):
            builds.roll_back(shop, at=NOON)


class TestCollectBuilds:
    def test_keeps_three_and_those_that_may_be_replayed(self, shop, files_root):
        made = [served_build(shop, day=day) for day in range(12)]
        with org_scope(shop.org_id):
            builds.make_live(made[-1], at=made[-1].live_since)

        collect_builds(shop, at=NOON + timedelta(days=11), files_root=files_root)

        kept = [day for day, each in enumerate(made) if builds.path_of(each).exists()]
        # Build 4 gave its last answer on day 5, six days ago; build 3 seven days ago.
        assert kept == list(range(4, 12))


def served_build(namespace, *, day):
    """Return a build that went live on a day, with a file of its own."""
    at = NOON + timedelta(days=day)
    with org_scope(namespace.org_id):
        made = SignalBuild.objects.create(
            org_id=namespace.org_id,
            namespace=namespace,
            state=BuildState.SUPERSEDED,
            snapshot_hash=bytes([day] * 32),
            as_of=at,
            created_at=at,
            live_since=at,
        )
    path = builds.path_of(made)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return made


class TestExportEvents:
    def test_finds_events_that_committed_below_the_last_id(self, shop, files_root):
        directory = events_directory(files_root, shop)
        with org_scope(shop.org_id):
            first = export_events(fresh(shop), directory=directory)
        # As if a slow transaction had been given these ids before the export.
        send_events(shop, shop_events(10, seed=9))
        with org_scope(shop.org_id):
            _move_to_lowest_ids(shop, above=first.last_event_id)

            second = export_events(fresh(shop), directory=directory)

        assert second.rows == 410

    def test_reads_each_event_once(self, shop, files_root):
        directory = events_directory(files_root, shop)
        read = []
        for seed in range(20):
            send_events(shop, shop_events(10, seed=seed))
            with org_scope(shop.org_id):
                export = export_events(fresh(shop), directory=directory)
            read.append(export.rows_read)

        assert read == [410] + [10] * 19
        assert export.rows == 600
        assert len(export.chunks) < 8


def _move_to_lowest_ids(namespace, *, above):
    newest = Event.objects.filter(namespace=namespace, id__gt=above)
    for place, event_id in enumerate(newest.values_list("id", flat=True), start=1):
        Event.objects.filter(namespace=namespace, id=event_id).update(id=place)
