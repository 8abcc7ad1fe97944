from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from catalog.core.feed import MAX_ROWS
from catalog.models import Namespace

from .item_changes import record_items

_BACKDATE = """
UPDATE catalog_item AS item
SET created_at = timestamptz 'epoch' + sent.appeared_us * interval '1 microsecond'
FROM unnest(%(ids)s::text[], %(appeared_us)s::bigint[]) AS sent (item_id, appeared_us)
WHERE item.org_id = %(org)s AND item.namespace_id = %(namespace)s
  AND item.item_id = sent.item_id
RETURNING item.id
"""


def backdate_items(
    namespace: Namespace, appeared_us: Mapping[str, int], *, at: datetime
) -> int:
    """Say when items first appeared, where a data set tells; return how many changed.

    What is new and what existed at a moment of the past depends on it. Call it in the
    transaction that made the items.
    """
    if not appeared_us:
        return 0
    values: dict[str, Any] = {
        "org": namespace.org_id,
        "namespace": namespace.pk,
        "ids": list(appeared_us),
        "appeared_us": list(appeared_us.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BACKDATE, values)
        numbers = sorted(number for (number,) in cursor.fetchall())
    # A larger batch told the feed of no states, so there is none to put right.
    if len(numbers) <= MAX_ROWS:
        record_items(namespace, numbers, at=at)
    return len(numbers)
