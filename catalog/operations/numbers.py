"""External ids to numbers, in sets.

Each id is looked up by itself in the unique index (a subquery, not a join): of a
namespace that is new since the tables were last analysed, the planner expects one row
and would compare every row with every other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from catalog.models import Namespace

_FIND_ITEMS = """
SELECT named.text, (
    SELECT id FROM catalog_item
    WHERE org_id = %(org)s AND namespace_id = %(namespace)s AND item_id = named.text
)
FROM unnest(string_to_array(%(ids)s, E'\n')) AS named(text)
"""
_FIND_USERS = """
SELECT named.text, (
    SELECT id FROM catalog_user
    WHERE org_id = %(org)s AND namespace_id = %(namespace)s AND user_id = named.text
)
FROM unnest(string_to_array(%(ids)s, E'\n')) AS named(text)
"""
# The ids come sorted, so that two batches with the same new ids wait, not deadlock.
_ADD_ITEMS = """
INSERT INTO catalog_item (
    org_id, namespace_id, item_id, listed, category_path, tags, available, props,
    created_at, updated_at
)
SELECT %(org)s, %(namespace)s, named.text, false, '{}', '{}', false, '{}', %(at)s,
    %(at)s
FROM unnest(string_to_array(%(ids)s, E'\n')) AS named(text)
ON CONFLICT (org_id, namespace_id, item_id) DO NOTHING
RETURNING item_id, id
"""
_ADD_USERS = """
INSERT INTO catalog_user (
    org_id, namespace_id, user_id, listed, traits, created_at, updated_at
)
SELECT %(org)s, %(namespace)s, named.text, false, '{}', %(at)s, %(at)s
FROM unnest(string_to_array(%(ids)s, E'\n')) AS named(text)
ON CONFLICT (org_id, namespace_id, user_id) DO NOTHING
RETURNING user_id, id
"""

type Numbers = dict[str, int]


def item_numbers(namespace: Namespace, ids: Iterable[str]) -> Numbers:
    """Return the numbers of those items that are known."""
    return _known(_pairs(_FIND_ITEMS, namespace, set(ids)))


def ensured_item_numbers(
    namespace: Namespace, ids: Iterable[str], *, at: datetime
) -> Numbers:
    """Return the numbers of all; items that nobody sent yet are made, unlisted."""
    return _ensured(_FIND_ITEMS, _ADD_ITEMS, namespace, set(ids), at=at)


def ensured_user_numbers(
    namespace: Namespace, ids: Iterable[str], *, at: datetime
) -> Numbers:
    """Return the numbers of all; users that nobody sent yet are made, unlisted."""
    return _ensured(_FIND_USERS, _ADD_USERS, namespace, set(ids), at=at)


def joined(ids: Iterable[str]) -> str:
    """Return ids, none of which has a line end, as one text in one order.

    An array would be quoted element by element, which costs more than the look-up.
    """
    return "\n".join(sorted(ids))


def _ensured(
    find: str, add: str, namespace: Namespace, ids: set[str], *, at: datetime
) -> Numbers:
    found = _known(_pairs(find, namespace, ids))
    if missing := ids - found.keys():
        found |= _known(_pairs(add, namespace, missing, at=at))
    if lost := ids - found.keys():
        # Another batch made them since we looked, and we waited for it to commit.
        found |= _known(_pairs(find, namespace, lost))
    return found


def _pairs(
    statement: str, namespace: Namespace, ids: set[str], *, at: datetime | None = None
) -> list[tuple[str, int | None]]:
    values: dict[str, Any] = {
        "org": namespace.org_id,
        "namespace": namespace.pk,
        "ids": joined(ids),
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _known(pairs: list[tuple[str, int | None]]) -> Numbers:
    return {text: number for text, number in pairs if number is not None}
