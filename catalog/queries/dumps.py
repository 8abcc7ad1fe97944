"""Every row of a namespace, piece by piece, in a stable order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connection

from catalog.models import Namespace
from catalog.tenancy import org_scope

PIECE = 10_000

# Each begins with the key that its next piece starts behind.
_ITEMS = """
SELECT id, item_id, title, description, brand, category, category_path, tags,
       price::float8, available, stock, image_url, props::text, created_at
FROM catalog_item
WHERE org_id = %(org)s AND namespace_id = %(namespace)s AND listed AND id > %(after)s
ORDER BY id LIMIT %(piece)s
"""
_USERS = """
SELECT id, user_id, traits::text, created_at
FROM catalog_user
WHERE org_id = %(org)s AND namespace_id = %(namespace)s AND listed AND id > %(after)s
ORDER BY id LIMIT %(piece)s
"""
_EVENTS = """
SELECT event.ts, event.id, known.user_id, item.item_id,
       event.type, event.value, event.meta::text, event.source_event_id
FROM catalog_event AS event
JOIN catalog_user AS known ON known.id = event.user_id
JOIN catalog_item AS item ON item.id = event.item_id
WHERE event.org_id = %(org)s AND event.namespace_id = %(namespace)s
  AND (event.ts, event.id) > (%(moment)s, %(after)s)
ORDER BY event.ts, event.id LIMIT %(piece)s
"""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "items": (
        "item_id",
        "title",
        "description",
        "brand",
        "category",
        "category_path",
        "tags",
        "price",
        "available",
        "stock",
        "image_url",
        "props",
        "created_at",
    ),
    "users": ("user_id", "traits", "created_at"),
    "events": (
        "ts",
        "user_id",
        "item_id",
        "type",
        "value",
        "meta",
        "source_event_id",
    ),
}
_TABLES = {"items": "catalog_item", "users": "catalog_user", "events": "catalog_event"}
type Rows = Sequence[tuple[Any, ...]]


def count_rows(namespace: Namespace, *, kind: str) -> int:
    """Return how many rows a dump will have."""
    listed = "" if kind == "events" else " AND listed"
    with org_scope(namespace.org_id), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {_TABLES[kind]}"  # noqa: S608
            f" WHERE org_id = %(org)s AND namespace_id = %(namespace)s{listed}",
            _tenant(namespace),
        )
        return int(cursor.fetchone()[0])


def dump(namespace: Namespace, *, kind: str) -> Iterator[Rows]:
    """Yield rows in the order of `COLUMNS[kind]`, each piece in its own transaction.

    What arrives meanwhile may or may not be among them; nothing comes twice.
    """
    pieces = _events if kind == "events" else _by_number(kind)
    yield from pieces(namespace)


def _by_number(kind: str) -> Callable[[Namespace], Iterator[Rows]]:
    statement = _ITEMS if kind == "items" else _USERS

    def pieces(namespace: Namespace) -> Iterator[Rows]:
        after = 0
        while rows := _fetch(namespace, statement, {"after": after}):
            after = rows[-1][0]
            yield [row[1:] for row in rows]

    return pieces


def _events(namespace: Namespace) -> Iterator[Rows]:
    place: dict[str, Any] = {"moment": "-infinity", "after": 0}
    while rows := _fetch(namespace, _EVENTS, place):
        place = {"moment": rows[-1][0], "after": rows[-1][1]}
        yield [(row[0], *row[2:]) for row in rows]


def _fetch(namespace: Namespace, statement: str, place: Mapping[str, Any]) -> Rows:
    values = {**_tenant(namespace), **place, "piece": PIECE}
    with org_scope(namespace.org_id), connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: Rows = cursor.fetchall()
        return rows


def _tenant(namespace: Namespace) -> dict[str, Any]:
    return {"org": namespace.org_id, "namespace": namespace.pk}
