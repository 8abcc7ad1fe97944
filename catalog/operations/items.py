"""Items sent by clients: new ones made, known ones changed where something was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from catalog.core.faults import BadInputError, Fault
from catalog.core.wire import ItemIn
from catalog.models import Namespace

from . import incoming
from .item_changes import record_items
from .namespaces import fix_dimension, share_namespace
from .numbers import Numbers, item_numbers

_UNKNOWN: Mapping[str, int] = {}
# What was not sent is NULL in incoming_items, so the real columns get their defaults
# here and keep their values below. An empty text clears a field.
_APPEARED = "timestamptz 'epoch' + sent.appeared_us * interval '1 microsecond'"
_ADD = """
INSERT INTO catalog_item (
    org_id, namespace_id, item_id, listed, title, description, brand, category,
    category_path, tags, price, available, stock, image_url, props,
    metadata_version, created_at, updated_at
)
SELECT
    %(org)s, %(namespace)s, item_id, true, nullif(title, ''),
    nullif(description, ''), nullif(brand, ''), nullif(category, ''),
    coalesce(category_path, '{}'), coalesce(tags, '{}'), price,
    coalesce(available, true), stock, nullif(image_url, ''),
    coalesce(props, '{}'), metadata_version, coalesce(APPEARED, %(at)s), %(at)s
FROM incoming_items AS sent
WHERE number IS NULL
ORDER BY item_id
ON CONFLICT (org_id, namespace_id, item_id) DO NOTHING
RETURNING item_id, id
""".replace("APPEARED", _APPEARED)
# Locks in one order, so that two batches with the same items wait, not deadlock.
_LOCK = """
SELECT FROM catalog_item WHERE id = ANY(%(numbers)s::bigint[])
ORDER BY id FOR NO KEY UPDATE
"""
_CHANGE = """
UPDATE catalog_item AS item
SET listed = true,
    title = nullif(coalesce(sent.title, item.title), ''),
    description = nullif(coalesce(sent.description, item.description), ''),
    brand = nullif(coalesce(sent.brand, item.brand), ''),
    category = nullif(coalesce(sent.category, item.category), ''),
    category_path = coalesce(sent.category_path, item.category_path),
    tags = coalesce(sent.tags, item.tags),
    price = coalesce(sent.price, item.price),
    available = coalesce(sent.available, item.available OR NOT item.listed),
    stock = coalesce(sent.stock, item.stock),
    image_url = nullif(coalesce(sent.image_url, item.image_url), ''),
    props = coalesce(sent.props, item.props),
    metadata_version = coalesce(sent.metadata_version, item.metadata_version),
    created_at = coalesce(
        APPEARED, CASE WHEN item.listed THEN item.created_at ELSE %(at)s END
    ),
    updated_at = %(at)s
FROM incoming_items AS sent
WHERE item.id = sent.number
""".replace("APPEARED", _APPEARED)
_SET_VECTORS = """
INSERT INTO catalog_itemvector AS known (
    org_id, namespace_id, item_id, source, model, dimension, vector, updated_at
)
SELECT %(org)s, %(namespace)s, number, 'supplied', '', %(dimension)s, vector, %(at)s
FROM incoming_vectors
ORDER BY number
ON CONFLICT (org_id, namespace_id, item_id, source) DO UPDATE
SET vector = excluded.vector, updated_at = excluded.updated_at
WHERE known.vector <> excluded.vector
"""


def upsert_items(
    namespace: Namespace,
    items: Sequence[ItemIn],
    *,
    at: datetime,
    appeared_us: Mapping[str, int] = _UNKNOWN,
) -> int:
    """Make or change the items and return how many there were.

    Ids must be valid and different from each other. The namespace's first vector
    fixes the length of all; another length raises `BadInputError` with its index.
    `appeared_us` says when items first appeared, in microseconds since 1970 by item
    id, where a data set tells: what is new, and what existed at a moment of the past,
    depends on it.
    """
    if not items:
        return 0
    share_namespace(namespace)
    dimension = _refuse_other_lengths(namespace, items)
    numbers = _store(namespace, items, at=at, appeared_us=appeared_us)
    if dimension is not None:
        _set_vectors(namespace, items, numbers, dimension=dimension, at=at)
    record_items(namespace, sorted(numbers.values()), at=at)
    return len(items)


def _store(
    namespace: Namespace,
    items: Sequence[ItemIn],
    *,
    at: datetime,
    appeared_us: Mapping[str, int],
) -> Numbers:
    known = item_numbers(namespace, [item.item_id for item in items])
    _send(items, known, appeared_us=appeared_us)
    added = _add(namespace, at=at) if len(known) < len(items) else {}
    # Another batch may have made some since we looked: change those, too.
    stored = known | added
    lost = [item for item in items if item.item_id not in stored]
    if lost:
        known |= item_numbers(namespace, [item.item_id for item in lost])
        _send(items, known, appeared_us=appeared_us)
    if known:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, {"numbers": sorted(known.values())})
            cursor.execute(_CHANGE, {"at": at})
    return known | added


def _send(
    items: Sequence[ItemIn], known: Numbers, *, appeared_us: Mapping[str, int]
) -> None:
    rows = ((*_columns(each, known), appeared_us.get(each.item_id)) for each in items)
    incoming.copy_rows("incoming_items", incoming.ITEMS, rows)


def _add(namespace: Namespace, *, at: datetime) -> Numbers:
    values: dict[str, Any] = {
        "org": namespace.org_id,
        "namespace": namespace.pk,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD, values)
        return dict(cursor.fetchall())


def wrong_length_faults(
    items: Sequence[tuple[int, ItemIn]], *, dimension: int | None
) -> list[Fault]:
    """Return a fault for each vector unlike the fixed length, or else the first."""
    found: list[Fault] = []
    for index, item in items:
        if item.embedding is None:
            continue
        dimension = dimension or len(item.embedding)
        if len(item.embedding) != dimension:
            found.append(
                Fault(
                    code="embedding_dim_mismatch",
                    message=f"embedding has {len(item.embedding)} numbers,"
                    f" this namespace's have {dimension}.",
                    field="embedding",
                    index=index,
                )
            )
    return found


def _refuse_other_lengths(namespace: Namespace, items: Sequence[ItemIn]) -> int | None:
    """Return the namespace's vector length, fixed now if this is the first vector."""
    first = next((item.embedding for item in items if item.embedding is not None), None)
    if first is None:
        return None
    dimension = fix_dimension(namespace, len(first))
    faults = wrong_length_faults(list(enumerate(items)), dimension=dimension)
    if faults:
        raise BadInputError(faults)
    return dimension


def _set_vectors(
    namespace: Namespace,
    items: Sequence[ItemIn],
    numbers: Numbers,
    *,
    dimension: int,
    at: datetime,
) -> None:
    rows = (
        (numbers[item.item_id], f"[{','.join(map(repr, item.embedding))}]")
        for item in items
        if item.embedding is not None
    )
    incoming.copy_rows("incoming_vectors", incoming.VECTORS, rows)
    values: dict[str, Any] = {
        "org": namespace.org_id,
        "namespace": namespace.pk,
        "dimension": dimension,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SET_VECTORS, values)


def _columns(item: ItemIn, numbers: Numbers) -> tuple[Any, ...]:
    return (
        numbers.get(item.item_id),
        item.item_id,
        item.title,
        item.description,
        item.brand,
        item.category,
        item.category_path,
        item.tags,
        item.price,
        item.available,
        item.stock,
        item.image_url,
        None if item.props is None else msgspec.json.encode(item.props).decode(),
        item.metadata_version,
    )
