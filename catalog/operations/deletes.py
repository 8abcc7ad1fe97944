"""Removing items, users and events, some of them or all of a namespace."""

from __future__ import annotations

from datetime import datetime
from itertools import batched
from typing import Any

from django.db import connection

from catalog.core.feed import MAX_ROWS, ItemState
from catalog.core.filters import EVERYTHING, Filter
from catalog.models import ChangeKind, Namespace
from catalog.queries import conditions

from .feed import record_change
from .item_changes import record_items
from .namespaces import own_namespace

# Subqueries with LIMIT, and arrays, where EXISTS and IN would do: those become joins,
# and of a namespace that is new since the tables were last analysed the planner expects
# one row and would compare every row with every other.
_NAMED = """(
    SELECT true FROM catalog_event AS event
    WHERE event.namespace_id = %(namespace)s AND event.item_id = item.id LIMIT 1
)"""
_ACTIVE = """(
    SELECT true FROM catalog_event AS event
    WHERE event.namespace_id = %(namespace)s AND event.user_id = known.id LIMIT 1
)"""
# An item that events name keeps its number, unlisted and bare.
_UNLIST = """
WITH unlisted AS (
    UPDATE catalog_item AS item
    SET listed = false, available = false, title = NULL, description = NULL,
        brand = NULL, category = NULL, category_path = '{}', tags = '{}',
        price = NULL, stock = NULL, image_url = NULL, props = '{}',
        metadata_version = NULL, updated_at = %(at)s
    WHERE listed AND CHOSEN AND NAMED
    RETURNING id
)
SELECT id, count(*) OVER () FROM unlisted LIMIT %(most)s
"""
_REMOVE = """
WITH removed AS (
    DELETE FROM catalog_item AS item WHERE CHOSEN AND NAMED IS NULL
    RETURNING id, item_id, listed
)
SELECT id, item_id, count(*) FILTER (WHERE listed) OVER () FROM removed LIMIT %(most)s
"""
_REMOVE_VECTORS = """
DELETE FROM catalog_itemvector AS sent
WHERE org_id = %(org)s AND namespace_id = %(namespace)s AND (
    SELECT listed FROM catalog_item AS item WHERE item.id = sent.item_id
) IS NOT TRUE
"""
_REMOVE_EVENTS = "DELETE FROM catalog_event WHERE CHOSEN RETURNING source_event_id"
_REMOVE_ALL_EVENTS = "DELETE FROM catalog_event WHERE CHOSEN"
_REMOVE_KEYS = """
DELETE FROM catalog_eventkey
WHERE org_id = %(org)s AND namespace_id = %(namespace)s
  AND source_event_id = ANY(%(keys)s)
"""
_REMOVE_ALL_KEYS = """
DELETE FROM catalog_eventkey WHERE org_id = %(org)s AND namespace_id = %(namespace)s
"""
_REMOVE_UNLISTED_USERS = """
DELETE FROM catalog_user AS known
WHERE org_id = %(org)s AND namespace_id = %(namespace)s AND NOT listed
  AND ACTIVE IS NULL
"""
_REMOVE_UNLISTED_ITEMS = """
DELETE FROM catalog_item AS item
WHERE org_id = %(org)s AND namespace_id = %(namespace)s AND NOT listed
  AND NAMED IS NULL
"""
_REMOVE_USERS = """
WITH removed AS (DELETE FROM catalog_user WHERE CHOSEN RETURNING id, listed)
SELECT id, count(*) FILTER (WHERE listed OR %(named)s) OVER ()
FROM removed LIMIT %(most)s
"""
_OF_USERS = " AND user_id = ANY(ARRAY(SELECT id FROM catalog_user WHERE CHOSEN))"
_FIND_NEWEST_EVENT = """
UPDATE catalog_namespace
SET newest_event_at = (
    SELECT max(ts) FROM catalog_event WHERE namespace_id = %(namespace)s
)
WHERE id = %(namespace)s
"""
_KEYS_AT_ONCE = 10_000
MOST_NAMED = 50_000
"""Of so many items the feed says that they are gone: serving hides these within a
second. A larger deletion names none, and hides all until the next build."""


def delete_items(namespace: Namespace, chosen: Filter, *, at: datetime) -> int:
    """Take the items out of the catalog and return how many were in it."""
    own_namespace(namespace)
    values = _values(namespace, chosen) | {"at": at}
    where = conditions.of_items(chosen)
    unlisted = _rows(_UNLIST, where, values)
    removed = _rows(_REMOVE, where, values)
    _execute(_REMOVE_VECTORS, values)
    count = _total(unlisted) + _total(removed)
    if len(unlisted) + len(removed) > MOST_NAMED:
        record_change(namespace, kind=ChangeKind.DELETED, count=count, at=at)
        return count
    bare = [number for number, _ in unlisted]
    gone = [_gone(number, item_id) for number, item_id, _ in removed]
    for part in batched([*bare, *gone], MAX_ROWS, strict=False):
        record_items(
            namespace,
            [one for one in part if isinstance(one, int)],
            gone=[one for one in part if isinstance(one, ItemState)],
            at=at,
        )
    return count


def delete_events(namespace: Namespace, chosen: Filter, *, at: datetime) -> int:
    """Remove events, and with all of them what they alone had made known.

    Their `source_event_id`s are forgotten, so that they may be sent again.
    """
    own_namespace(namespace)
    values = _values(namespace, chosen)
    if chosen.is_empty:
        count = _remove_all_events(values)
        _execute(_REMOVE_UNLISTED_ITEMS, values)
        _execute(_REMOVE_UNLISTED_USERS, values)
    else:
        count = _remove_events(conditions.of_events(chosen), values)
    _record_fewer_events(namespace, count=count, at=at)
    return count


def delete_users(namespace: Namespace, chosen: Filter, *, at: datetime) -> int:
    """Erase users with their events, and return how many were known.

    Nothing of them stays in the catalog. Apps above erase what they keep of them
    first, while the ids still lead to numbers.
    """
    own_namespace(namespace)
    values = _values(namespace, chosen) | {"named": chosen.user_id is not None}
    where = conditions.of_users(chosen)
    if chosen.is_empty:
        events = _remove_all_events(values)
    else:
        theirs = conditions.of_events(EVERYTHING) + _OF_USERS.replace("CHOSEN", where)
        events = _remove_events(theirs, values)
    removed = _rows(_REMOVE_USERS, where, values)
    _record_fewer_events(namespace, count=events, at=at)
    if removed:
        record_change(
            namespace,
            kind=ChangeKind.USERS,
            ids=sorted(row[0] for row in removed),
            count=_total(removed),
            at=at,
        )
    return _total(removed)


def forget(namespace: Namespace, user_id: str, *, at: datetime) -> int:
    """Erase one user: the catalog's part of the right to erasure."""
    return delete_users(namespace, Filter(user_id=user_id), at=at)


def _remove_all_events(values: dict[str, Any]) -> int:
    count = _execute(_REMOVE_ALL_EVENTS, values, conditions.of_events(EVERYTHING))
    _execute(_REMOVE_ALL_KEYS, values)
    return count


def _remove_events(where: str, values: dict[str, Any]) -> int:
    removed = _rows(_REMOVE_EVENTS, where, values)
    keys = [key for (key,) in removed if key is not None]
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        some = {"keys": keys[start : start + _KEYS_AT_ONCE]}
        _execute(_REMOVE_KEYS, values | some)
    return len(removed)


def _record_fewer_events(namespace: Namespace, *, count: int, at: datetime) -> None:
    if count:
        _execute(_FIND_NEWEST_EVENT, {"namespace": namespace.pk})
        record_change(namespace, kind=ChangeKind.DELETED, count=count, at=at)


def _values(namespace: Namespace, chosen: Filter) -> dict[str, Any]:
    # One more than are named tells that there are too many.
    return conditions.values_of(chosen, namespace=namespace) | {"most": MOST_NAMED + 1}


def _gone(number: int, item_id: str) -> ItemState:
    return ItemState(
        number=number,
        item_id=item_id,
        listed=False,
        available=False,
        stock=None,
        price=None,
        brand=None,
        category_path=(),
        tags=(),
        title=None,
        description=None,
        created_us=0,
    )


def _rows(statement: str, where: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_filled(statement, where), values)
        return list(cursor.fetchall())


def _execute(statement: str, values: dict[str, Any], where: str = "") -> int:
    with connection.cursor() as cursor:
        cursor.execute(_filled(statement, where), values)
        return int(cursor.rowcount)


def _filled(statement: str, where: str) -> str:
    return (
        statement.replace("CHOSEN", where)
        .replace("NAMED", _NAMED)
        .replace("ACTIVE", _ACTIVE)
    )


def _total(rows: list[tuple[Any, ...]]) -> int:
    return int(rows[0][-1]) if rows else 0
