"""The database of a test session empties itself between tests."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection, connections, transaction

from recsys_site import embedded

NAME = "merchandisers of the test session's own test"


@pytest.mark.django_db
@pytest.mark.parametrize("turn", ["first", "second"])
def test_rows_are_rolled_back(turn: str) -> None:
    assert not Group.objects.filter(name=NAME).exists()
    Group.objects.create(name=NAME)


@pytest.mark.django_db(transaction=True, databases=["default", "read"])
@pytest.mark.parametrize("turn", ["first", "second"])
def test_committed_rows_are_emptied_and_seen_by_reports(turn: str) -> None:
    assert not Group.objects.filter(name=NAME).exists()
    with transaction.atomic():
        Group.objects.create(name=NAME)
    assert Group.objects.using("read").filter(name=NAME).exists()


def test_the_cache_answers(test_servers: None) -> None:
    cache.set("session", "mine")
    assert cache.get("session") == "mine"


@pytest.mark.skipif(
    not embedded.addresses().postgres_embedded, reason="a configured server is kept"
)
@pytest.mark.django_db
def test_the_server_is_the_throwaway_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW fsync")
        assert cursor.fetchone() == ("off",)
    assert "/test/" in connections["default"].settings_dict["HOST"]
