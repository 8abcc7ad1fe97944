"""What the types alone cannot say about a batch: ids, texts, times, repeats."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from .faults import Fault
from .text import are_ids, is_id, is_text
from .wire import MAX_DIMENSION, EventIn, EventTypeIn, ItemIn, UserIn

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
FURTHEST_AHEAD = timedelta(hours=24)
MAX_TAGS = 256
MAX_PATH = 32
_LARGEST_HALF = 65_504.0
_MAX_LENGTHS = {
    "title": 2_000,
    "description": 50_000,
    "image_url": 2_000,
    "brand": 256,
    "category": 256,
    "metadata_version": 256,
}

type Rows[T] = Sequence[tuple[int, T]]
"""Rows of a batch, each with its index in the body."""


def item_faults(rows: Rows[ItemIn]) -> list[Fault]:
    """Return everything wrong with a batch of items, in the order of rows."""
    found = list(repeated([(index, item.item_id) for index, item in rows], "item_id"))
    for index, item in rows:
        found.extend(_one_item(item, index=index))
    return sorted(found, key=_place)


def user_faults(rows: Rows[UserIn]) -> list[Fault]:
    """Return everything wrong with a batch of users, in the order of rows."""
    ids = [(index, user.user_id) for index, user in rows]
    found = [*repeated(ids, "user_id"), *_bad_ids(ids, "user_id")]
    return sorted(found, key=_place)


def event_faults(rows: Rows[EventIn], *, at: datetime) -> list[Fault]:
    """Return everything wrong with a batch of events, in the order of rows."""
    columns: dict[str, list[tuple[int, str]]] = {
        "user_id": [(index, event.user_id) for index, event in rows],
        "item_id": [(index, event.item_id) for index, event in rows],
        "source_event_id": [
            (index, event.source_event_id)
            for index, event in rows
            if event.source_event_id is not None
        ],
    }
    found = [fault for name, ids in columns.items() for fault in _bad_ids(ids, name)]
    latest = at + FURTHEST_AHEAD
    for index, event in rows:
        ts = event.ts or event.timestamp
        if ts is not None and not EARLIEST <= ts <= latest:
            found.append(_bad_time(index, "ts" if event.ts else "timestamp"))
    return sorted(found, key=_place)


def event_type_faults(rows: Rows[EventTypeIn]) -> list[Fault]:
    """Return everything wrong with a batch of event types, in the order of rows."""
    numbers = [(index, str(each.type)) for index, each in rows]
    names = [(index, each.name.casefold()) for index, each in rows]
    found = [*repeated(numbers, "type"), *repeated(names, "name")]
    found.extend(_bad_ids([(index, each.name) for index, each in rows], "name"))
    return sorted(found, key=_place)


def repeated(ids: Sequence[tuple[int, str]], field: str) -> Iterator[Fault]:
    """Yield a fault for each row whose id stands in an earlier one.

    Examples
    --------
    >>> [fault.message for fault in repeated([(0, "a"), (1, "b"), (4, "a")], "item_id")]
    ['item_id is the same in rows 0 and 4.']
    """
    first: dict[str, int] = {}
    for index, text in ids:
        earlier = first.setdefault(text, index)
        if earlier != index:
            yield Fault(
                code="duplicate_id",
                message=f"{field} is the same in rows {earlier} and {index}.",
                field=field,
                index=index,
            )


def _one_item(item: ItemIn, *, index: int) -> Iterator[Fault]:
    yield from _bad_ids([(index, item.item_id)], "item_id")
    for field, longest in _MAX_LENGTHS.items():
        value: str | None = getattr(item, field)
        if value is not None and not (len(value) <= longest and is_text(value)):
            yield Fault(
                code="invalid_text",
                message=f"{field} has control characters or over {longest} characters.",
                field=field,
                index=index,
            )
    yield from _bad_list(item.tags, "tags", MAX_TAGS, index=index)
    yield from _bad_list(item.category_path, "category_path", MAX_PATH, index=index)
    yield from _bad_embedding(item.embedding, index=index)


def _bad_list(
    texts: list[str] | None, field: str, longest: int, *, index: int
) -> Iterator[Fault]:
    if texts and not (len(texts) <= longest and are_ids(texts)):
        yield Fault(
            code="invalid_text",
            message=f"{field} has at most {longest} entries of 1 to 256 bytes each,"
            " without control characters.",
            field=field,
            index=index,
        )


def _bad_embedding(vector: list[float] | None, *, index: int) -> Iterator[Fault]:
    if vector is None:
        return
    if not 1 <= len(vector) <= MAX_DIMENSION:
        yield Fault(
            code="embedding_dim_mismatch",
            message=f"embedding has {len(vector)} numbers, not 1 to {MAX_DIMENSION}.",
            field="embedding",
            index=index,
        )
    elif not _LARGEST_HALF >= max(map(abs, vector)) >= 0:
        yield Fault(
            code="invalid_value",
            message=f"embedding holds a number beyond {_LARGEST_HALF:g}.",
            field="embedding",
            index=index,
        )


def _bad_ids(ids: Sequence[tuple[int, str]], field: str) -> Iterator[Fault]:
    if are_ids([text for _, text in ids]):
        return
    for index, text in ids:
        if not is_id(text):
            yield Fault(
                code=f"invalid_{field}",
                message=f"{field} has 1 to 256 bytes and no control characters.",
                field=field,
                index=index,
            )


def _bad_time(index: int, field: str) -> Fault:
    return Fault(
        code="invalid_timestamp",
        message=f"{field} is before 1990 or more than 24 hours ahead.",
        field=field,
        index=index,
    )


def _place(fault: Fault) -> tuple[float, str]:
    return (math.inf if fault.index is None else fault.index, fault.field or "")
