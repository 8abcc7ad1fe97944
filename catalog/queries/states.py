"""Items as the change feed describes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection

from catalog.core.feed import MAX_DESCRIPTION, ItemState
from catalog.core.moments import microseconds
from catalog.models import Namespace

_COLUMNS = """
    item.id, item.item_id, item.listed, item.available, item.stock, item.price,
    item.brand, item.category, item.category_path, item.tags, item.title,
    left(item.description, %(longest)s), item.created_at,
    item.props -> 'margin', item.props -> 'novelty', (
        SELECT halfvec_send(vector) FROM catalog_itemvector
        WHERE org_id = %(org)s AND namespace_id = %(namespace)s
          AND item_id = item.id AND source = 'supplied'
    )
FROM catalog_item AS item
WHERE item.org_id = %(org)s AND item.namespace_id = %(namespace)s
"""
_OF_NUMBERS = (
    f"SELECT {_COLUMNS} AND item.id = ANY(%(numbers)s::bigint[]) ORDER BY item.id"
)
# halfvec_send: two 16-bit words (dimension, unused), then big-endian halves.
_HEADER_BYTES = 4


def item_states(namespace: Namespace, numbers: Sequence[int]) -> list[ItemState]:
    """Return the named items as they stand now, in ascending order of number."""
    with connection.cursor() as cursor:
        cursor.execute(
            _OF_NUMBERS,
            {
                "org": namespace.org_id,
                "namespace": namespace.pk,
                "numbers": list(numbers),
                "longest": MAX_DESCRIPTION,
            },
        )
        return list(_states(cursor.fetchall()))


def _states(rows: Sequence[tuple[Any, ...]]) -> Iterator[ItemState]:
    for row in rows:
        yield ItemState(
            number=row[0],
            item_id=row[1],
            listed=row[2],
            available=row[3],
            stock=row[4],
            price=_number(row[5]),
            brand=row[6],
            category_path=tuple(row[8]) or ((row[7],) if row[7] else ()),
            tags=tuple(row[9]),
            title=row[10],
            description=row[11],
            created_us=microseconds(row[12]),
            margin=_number(row[13]),
            novelty=_number(row[14]),
            vector=_little_endian(row[15]),
        )


def _number(value: Any) -> float | None:
    """Return a number; whatever else clients put into the props is none."""
    if isinstance(value, str):
        value = _parsed(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return float(value)


def _parsed(text: str) -> float | None:
    # Raw JSON: Django leaves the decoding of jsonb to its JSONField.
    try:
        return float(text)
    except ValueError:
        return None


def _little_endian(sent: bytes | None) -> bytes | None:
    if sent is None:
        return None
    return np.frombuffer(sent, ">f2", offset=_HEADER_BYTES).astype("<f2").tobytes()
