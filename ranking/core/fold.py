"""Fold changed items into an overlay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.core.feed import ItemState

from .columns import F32, F64, I32, I64, Floats, positions_in_lists
from .overlay import Attributes, Overlay
from .snapshot import (
    NOT_MANAGED,
    PATH_SEPARATOR,
    UNLISTED,
    Snapshot,
    standing_of,
)
from .vectors import quantised


def fold(
    overlay: Overlay,
    states: Sequence[ItemState],
    *,
    snapshot: Snapshot,
    content: Floats,
    change_number: int,
) -> Overlay:
    """Return an overlay that contains one or more further changes.

    Parameters
    ----------
    overlay : Overlay
        Left as it is.
    states : sequence of ItemState
        In the order of the changes: of two states of an item the later counts.
    snapshot : Snapshot
        What the overlay lies on.
    content : array of shape (len(states), d)
        Unit-length content vectors, zero rows for none.
    change_number : int
        The last change contained.

    Notes
    -----
    Costs a loop over the new states alone; the others are moved as columns.
    """
    latest = {state.number: i for i, state in enumerate(states)}
    chosen = list(latest.values())
    states = [states[i] for i in chosen]
    overlay = replace(
        overlay,
        change_number=change_number,
        brands=overlay.brands.learn(state.brand or "" for state in states),
        categories=overlay.categories.learn(map(_category, states)),
        tags=overlay.tags.learn(tag for state in states for tag in _tags(state)),
    )
    if not states:
        return overlay
    vectors = quantised(content, longest=1.0)[chosen]
    return _merged(overlay, _columns(overlay, states, vectors), snapshot=snapshot)


def _category(state: ItemState) -> str:
    return PATH_SEPARATOR.join(state.category_path)


def _tags(state: ItemState) -> list[str]:
    return [tag.lower() for tag in state.tags]


def _columns(overlay: Overlay, states: Sequence[ItemState], content: F32) -> Overlay:
    tags = [sorted({overlay.tags.code(t) for t in _tags(state)}) for state in states]
    counts = [len(codes) for codes in tags]
    return replace(
        overlay,
        numbers=np.array([state.number for state in states], dtype=np.int64),
        ids=tuple(state.item_id.encode() for state in states),
        tag_starts=_starts(np.array(counts, dtype=np.int64)),
        tag_codes=np.array([code for codes in tags for code in codes], np.int32),
        attributes=_attributes(overlay, states, content),
    )


def _attributes(
    overlay: Overlay, states: Sequence[ItemState], content: F32
) -> Attributes:
    listed = np.array([state.listed for state in states], dtype=np.bool_)
    available = np.array([state.listed and state.available for state in states])
    stock = _codes(
        [NOT_MANAGED if s.stock is None else max(s.stock, 0) for s in states]
    )
    return Attributes(
        brand=_codes([overlay.brands.code(state.brand or "") for state in states]),
        category=_codes([overlay.categories.code(_category(s)) for s in states]),
        available=available,
        stock=stock,
        standing=np.where(listed, standing_of(available, stock), np.uint8(UNLISTED)),
        price=_numbers([state.price for state in states]),
        margin=_numbers([state.margin for state in states]).astype(np.float32),
        novelty=_numbers([state.novelty for state in states]).astype(np.float32),
        created_us=np.array([state.created_us for state in states], dtype=np.int64),
        content=content,
    )


def _codes(codes: list[int]) -> I32:
    return np.array(codes, dtype=np.int32)


def _numbers(values: list[float | None]) -> F64:
    return np.array([np.nan if value is None else value for value in values])


def _starts(counts: I64) -> I64:
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64)


def _merged(old: Overlay, new: Overlay, *, snapshot: Snapshot) -> Overlay:
    stays = ~np.isin(old.numbers, new.numbers)
    numbers = np.concatenate((old.numbers[stays], new.numbers))
    rows = _rows(old, numbers, snapshot=snapshot)
    order = np.argsort(rows)
    kept_ids = [old.ids[i] for i in np.flatnonzero(stays)]
    ids = [*kept_ids, *new.ids]
    ids = [ids[i] for i in order]
    rows, numbers = rows[order], numbers[order]
    kept = np.flatnonzero(stays)
    starts, codes = _merged_tags(old, new, kept=kept, order=order)
    return replace(
        new,
        rows=rows,
        numbers=numbers,
        ids=tuple(ids),
        row_of_id=dict(zip(ids, rows.tolist(), strict=True)),
        row_of_number=dict(zip(numbers.tolist(), rows.tolist(), strict=True)),
        id_rank=_id_ranks(rows, ids, snapshot=snapshot),
        tag_starts=starts,
        tag_codes=codes,
        attributes=_merged_attributes(
            old.attributes, new.attributes, kept=kept, order=order
        ),
    )


def _rows(old: Overlay, numbers: I64, *, snapshot: Snapshot) -> I64:
    """Return the row of each number: known to the snapshot, to the overlay, or next."""
    rows = snapshot.rows_of_numbers(numbers)
    next_row = len(snapshot) + int(np.sum(old.rows >= len(snapshot)))
    for place in np.flatnonzero(rows < 0).tolist():
        known = old.row_of_number.get(int(numbers[place]))
        rows[place] = next_row if known is None else known
        next_row += known is None
    return rows


def _merged_tags(
    old: Overlay, new: Overlay, *, kept: I64, order: I64
) -> tuple[I64, I32]:
    kept_codes, _ = positions_in_lists(old.tag_starts, kept)
    codes = np.concatenate((old.tag_codes[kept_codes], new.tag_codes))
    counts = np.concatenate(
        (np.diff(old.tag_starts)[kept], np.diff(new.tag_starts)),
    )
    positions, _ = positions_in_lists(_starts(counts), order)
    return _starts(counts[order]), codes[positions]


def _merged_attributes(
    old: Attributes, new: Attributes, *, kept: I64, order: I64
) -> Attributes:
    def merged(name: str) -> NDArray[Any]:
        before: NDArray[Any] = getattr(old, name)
        return np.concatenate((before[kept], getattr(new, name)))[order]

    return Attributes(**{field.name: merged(field.name) for field in fields(old)})


def _id_ranks(rows: I64, ids: Sequence[bytes], *, snapshot: Snapshot) -> F64:
    """Rank new ids between those of the snapshot, and among each other."""
    ranks = np.empty(len(rows))
    is_new = rows >= len(snapshot)
    ranks[~is_new] = snapshot.id_rank[rows[~is_new]]
    newcomers = sorted(np.flatnonzero(is_new).tolist(), key=ids.__getitem__)
    for i, place in enumerate(newcomers):
        share = (i + 1) / (len(newcomers) + 1)
        ranks[place] = snapshot.place_of_id(ids[place]) - 1 + share
    return ranks
