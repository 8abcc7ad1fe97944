"""Pages of items, users and events, each in one total and stable order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import connection

from catalog.core.filters import Filter
from catalog.core.pages import MAX_EXACT_TOTAL, MAX_OFFSET, Page, next_cursor
from catalog.models import Namespace

from . import conditions

_ITEMS = """
SELECT created_at, id, item_id, available, price, tags, props, brand, category,
       category_path, title, description, image_url, stock, metadata_version,
       updated_at
FROM catalog_item WHERE listed AND CHOSEN ORDER BY created_at, id
"""
_USERS = """
SELECT created_at, id, user_id, traits, updated_at
FROM catalog_user WHERE listed AND CHOSEN ORDER BY created_at, id
"""
# The page is cut before its ids are looked up.
_EVENTS = """
SELECT page.ts, page.id, known.user_id, item.item_id, page.type, page.value, page.meta,
       page.source_event_id, page.received_at
FROM (
    SELECT * FROM catalog_event WHERE CHOSEN ORDER BY ts, id PAGE
) AS page
JOIN catalog_user AS known ON known.id = page.user_id
JOIN catalog_item AS item ON item.id = page.item_id
ORDER BY page.ts, page.id
"""
_VECTORS = """
SELECT item_id, vector::real[] FROM catalog_itemvector
WHERE org_id = %(org)s AND namespace_id = %(namespace)s AND source = 'supplied'
  AND item_id = ANY(%(numbers)s::bigint[])
"""
_USER_IDS = "SELECT user_id FROM catalog_user WHERE CHOSEN ORDER BY id"
_AFTER = " AND (created_at, id) > (%(moment)s, %(number)s)"
_AFTER_EVENT = " AND (ts, id) > (%(moment)s, %(number)s)"
_COUNT = """
SELECT count(*) FROM (SELECT 1 FROM COUNTED LIMIT %(most)s + 1) AS counted
"""
_ESTIMATE = "EXPLAIN (FORMAT JSON) SELECT 1 FROM COUNTED"
_PAGE = " LIMIT %(limit)s OFFSET %(offset)s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page: rows as the database has them (time, number, then the columns)."""

    rows: Sequence[Any] = ()
    total: int = 0
    total_is_estimate: bool = False
    next_offset: int | None = None
    next_cursor: str | None = None


def list_items(namespace: Namespace, chosen: Filter, page: Page) -> Listed:
    where = "listed AND " + conditions.of_items(chosen)
    statement = _with_page(_ITEMS, conditions.of_items(chosen), _AFTER, page) + _PAGE
    values = conditions.values_of(chosen, namespace=namespace)
    return _listed(statement, page, values, counted=f"catalog_item WHERE {where}")


def list_users(namespace: Namespace, chosen: Filter, page: Page) -> Listed:
    where = "listed AND " + conditions.of_users(chosen)
    statement = _with_page(_USERS, conditions.of_users(chosen), _AFTER, page) + _PAGE
    values = conditions.values_of(chosen, namespace=namespace)
    return _listed(statement, page, values, counted=f"catalog_user WHERE {where}")


def list_events(namespace: Namespace, chosen: Filter, page: Page) -> Listed:
    where = conditions.of_events(chosen)
    statement = _with_page(_EVENTS, where, _AFTER_EVENT, page).replace("PAGE", _PAGE)
    values = conditions.values_of(chosen, namespace=namespace)
    return _listed(statement, page, values, counted=f"catalog_event WHERE {where}")


def vectors_of(namespace: Namespace, numbers: Sequence[int]) -> dict[int, list[float]]:
    """Return the supplied vectors of the items that have one, by item number."""
    values: dict[str, Any] = {
        "org": namespace.org_id,
        "namespace": namespace.pk,
        "numbers": list(numbers),
    }
    with connection.cursor() as cursor:
        cursor.execute(_VECTORS, values)
        return dict(cursor.fetchall())


def user_ids_of(namespace: Namespace, chosen: Filter) -> list[str]:
    """Return the ids of the chosen users, known by their events alone included."""
    statement = _USER_IDS.replace("CHOSEN", conditions.of_users(chosen))
    with connection.cursor() as cursor:
        cursor.execute(statement, conditions.values_of(chosen, namespace=namespace))
        return [user_id for (user_id,) in cursor.fetchall()]


def _listed(
    statement: str, page: Page, values: dict[str, Any], *, counted: str
) -> Listed:
    values = values | {
        "most": MAX_EXACT_TOTAL,
        "limit": page.limit + 1,  # One more tells whether there is a next page.
        "offset": page.offset if page.cursor is None else 0,
        "moment": page.cursor and page.cursor.moment,
        "number": page.cursor and page.cursor.number,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchall()
    total, is_estimate = _total(counted, values)
    rows = found[: page.limit]
    if len(found) <= page.limit:
        return Listed(rows=rows, total=total, total_is_estimate=is_estimate)
    behind = page.position + len(rows)
    return Listed(
        rows=rows,
        total=total,
        total_is_estimate=is_estimate,
        next_offset=behind if behind <= MAX_OFFSET else None,
        next_cursor=next_cursor(
            page, moment=rows[-1][0], number=rows[-1][1], count=len(rows)
        ),
    )


def _with_page(statement: str, where: str, after: str, page: Page) -> str:
    return statement.replace("CHOSEN", where + (after if page.cursor else ""))


def _total(counted: str, values: dict[str, Any]) -> tuple[int, bool]:
    """Count up to 100,000 rows; of more, ask the planner."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.replace("COUNTED", counted), values)
        (exact,) = cursor.fetchone()
        if exact <= MAX_EXACT_TOTAL:
            return exact, False
        cursor.execute(_ESTIMATE.replace("COUNTED", counted), values)
        (plan,) = cursor.fetchone()
    estimate = _plan_of(plan)[0]["Plan"]["Plan Rows"]
    return max(int(estimate), exact), True


def _plan_of(plan: Any) -> Any:
    return msgspec.json.decode(plan) if isinstance(plan, str) else plan
