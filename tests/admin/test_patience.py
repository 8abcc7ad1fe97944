"""Lists that no index answers: a part of them in time, and the page says so."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import Func, QuerySet, TextField, Value
from django.db.models.functions import Cast

from catalog.admin import lists
from catalog.admin.lists import newest_first, within
from catalog.models import Item
from catalog.tenancy import org_scope
from tests.admin.conftest import Shops, make_item


def slowly(rows: QuerySet[Item]) -> QuerySet[Item]:
    """Narrow to all rows, each after so long that nobody waits for it."""
    slept = Func(Value(0.2), function="pg_sleep", output_field=TextField())
    return rows.alias(slept=Cast(slept, TextField())).filter(slept="")


def test_looks_through_the_next_rows_of_what_takes_too_long(
    shops: Shops, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "WINDOW", 2)
    for number in range(4):
        make_item(shops.ours, f"i{number}")

    seen, after = [], ""
    with org_scope(shops.ours.org_id):
        everything = Item.objects.filter(namespace=shops.ours)
        for _ in range(3):
            page = newest_first(
                slowly(everything), moment="created_at", after=after, among=everything
            )
            seen += [item.item_id for item in page.rows]
            after = page.after
            assert page.looked_through == 2
            if not after:
                break

    assert seen == ["i3", "i2", "i1", "i0", "lamp"]
    assert after == ""


def test_waits_for_a_list_that_nobody_narrowed(shops: Shops) -> None:
    with org_scope(shops.ours.org_id):
        page = newest_first(
            slowly(Item.objects.all()), moment="created_at", after="", among=None
        )

    assert [item.item_id for item in page.rows] == ["lamp"]
    assert page.looked_through == 0


@pytest.mark.django_db
def test_giving_up_leaves_the_connection_as_it_was() -> None:
    def read() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")
        return "awake"

    with connection.cursor() as cursor:
        before = limit(cursor)
        assert within(20, read) is None
        assert within(2_000, lambda: "at once") == "at once"
        assert limit(cursor) == before


def limit(cursor) -> str:
    cursor.execute("SHOW statement_timeout")
    return str(cursor.fetchone()[0])
