"""Batches that overlap in time: every row once, every number once, no deadlock."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connections

from catalog import generation
from catalog.core.filters import EVERYTHING
from catalog.core.wire import EventIn, ItemIn
from catalog.models import Change, Event, Item, Namespace, User
from catalog.operations import (
    EventColumns,
    delete_items,
    store_event_rows,
    store_events,
    upsert_items,
)
from catalog.tenancy import org_scope
from tests.clock import NOON
from tests.factories.tenants import make_namespace

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works: Callable[[], object]) -> None:
    barrier = Barrier(len(works))
    failures: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=10)
            work()
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []


def send(shop: Namespace, *, keys: range, backwards: bool) -> Callable[[], object]:
    events = [
        EventIn(user_id=f"u{k}", item_id=f"i{k}", type=0, source_event_id=f"k{k}")
        for k in keys
    ]

    def work() -> None:
        with org_scope(shop.org_id):
            store_events(shop, events[::-1] if backwards else events, at=NOON)

    return work


def test_the_same_events_from_four_senders_are_stored_once() -> None:
    shop = make_namespace()

    at_once(
        *(send(shop, keys=range(300), backwards=bool(turn % 2)) for turn in range(4))
    )

    with org_scope(shop.org_id):
        assert Event.objects.count() == 300
        assert Item.objects.count() == User.objects.count() == 300
        assert list(Change.objects.values_list("number", "count")) == [(1, 300)]


def test_changes_are_numbered_without_gaps() -> None:
    shop = make_namespace()

    at_once(
        *(
            send(shop, keys=range(turn * 50, turn * 50 + 60), backwards=False)
            for turn in range(6)
        )
    )

    with org_scope(shop.org_id):
        changes = list(Change.objects.order_by("number"))
    assert [change.number for change in changes] == list(range(1, len(changes) + 1))
    assert sum(change.count for change in changes) == 310


def test_upserts_in_opposite_order_do_not_deadlock() -> None:
    shop = make_namespace()
    items = [ItemIn(item_id=f"i{number}", price=number) for number in range(200)]

    def upsert(turn: int) -> Callable[[], object]:
        def work() -> None:
            for _ in range(3):
                with org_scope(shop.org_id):
                    upsert_items(shop, items[::-1] if turn % 2 else items, at=NOON)

        return work

    at_once(*map(upsert, range(4)))

    with org_scope(shop.org_id):
        assert Item.objects.count() == 200


def test_a_deletion_never_takes_an_item_from_under_its_event() -> None:
    shop = make_namespace()

    def delete() -> None:
        for _ in range(5):
            with org_scope(shop.org_id):
                delete_items(shop, EVERYTHING, at=NOON)

    at_once(
        delete,
        *(
            send(shop, keys=range(turn * 100, turn * 100 + 100), backwards=False)
            for turn in range(3)
        ),
    )

    with org_scope(shop.org_id):
        numbers = set(Item.objects.values_list("pk", flat=True))
        named = set(Event.objects.values_list("item_id", flat=True))
    assert named <= numbers


def test_a_change_moves_the_generation_only_when_it_is_committed() -> None:
    shop = make_namespace()
    before = generation.token(shop.pk)

    with org_scope(shop.org_id):
        upsert_items(shop, [ItemIn(item_id="a")], at=NOON)
        assert generation.token(shop.pk) == before
    after = generation.token(shop.pk)

    assert after != before
    generation.bump(shop.pk)
    assert generation.token(shop.pk) != after


def test_columns_are_stored_as_they_are() -> None:
    shop = make_namespace()
    columns = EventColumns(
        user_ids=["u\\t", "u\\t", "v"],
        item_ids=["i", "i", "j"],
        types=[0, 1, 2],
        values=[1.0, 2.5, -1e-9],
        ts_us=[1_700_000_000_000_001, 1_600_000_000_000_000, 0],
        metas=['{"a": "\\\\ \\n"}', None, "{}"],
        source_event_ids=["k", None, "k"],
    )

    with org_scope(shop.org_id):
        stored = store_event_rows(shop, columns, at=NOON)
        events = list(Event.objects.order_by("ts").select_related("user", "item"))

    assert (stored.accepted, stored.duplicates) == (2, 1)
    assert [event.user.user_id for event in events] == ["u\\t", "u\\t"]
    assert [event.ts.microsecond for event in events] == [0, 1]
    assert [event.meta for event in events] == [None, {"a": "\\ \n"}]
