"""What the live signals say about one item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catalog.core.drawing import Bar
from catalog.models import Item
from ranking.core.columns import Sparse
from ranking.core.search import scan
from ranking.core.snapshot import PATH_SEPARATOR, Snapshot

from .live import Live

_MOST = 8
_COMPARED = 20_000


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """Another item and how near it is, as a number and as a bar."""

    item: Item
    score: float
    bar: Bar


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    title: str
    words: str
    found: Sequence[Neighbour]


@dataclass(frozen=True, kw_only=True)
class ItemSignals:
    """Figures of an item in the live build; `rank` is 1 for the most popular one."""

    rank: int
    among: int
    popularity: float
    category: str
    category_rank: int
    category_size: int
    is_long_tail: bool
    neighbours: Sequence[Neighbours]


_SOURCES = (
    ("covisitation", "Bought together", "chosen by the same users, close in time"),
    ("similar", "Similar items", "by title, description, brand, category and tags"),
    ("session", "Looked at next", "within one session"),
)


def item_signals(live: Live, item: Item) -> ItemSignals | None:
    """Return what the build says of an item, or None when it does not hold it."""
    snapshot = live.snapshot
    row = int(snapshot.rows_of_numbers(np.array([item.pk]))[0])
    if row < 0:
        return None
    found = {
        "covisitation": _strongest(snapshot.covisitation, row),
        "similar": _nearest(snapshot, row),
        "session": _strongest(snapshot.session, row),
    }
    rows = [other for pairs in found.values() for other, _ in pairs]
    numbers = {other: int(snapshot.numbers[other]) for other in rows}
    items = Item.objects.in_bulk(set(numbers.values()))
    category_rank, category_size = _place_in_category(snapshot, row)
    code = int(snapshot.category[row])
    path = snapshot.categories.text(code).split(PATH_SEPARATOR) if code >= 0 else []
    return ItemSignals(
        rank=_place(snapshot.popularity_order, row),
        among=len(snapshot),
        popularity=float(snapshot.popularity[row]),
        category=" / ".join(path),
        category_rank=category_rank,
        category_size=category_size,
        is_long_tail=bool(snapshot.long_tail[row]),
        neighbours=[
            Neighbours(
                title=title,
                words=words,
                found=_drawn([(items.get(numbers[o]), s) for o, s in found[name]]),
            )
            for name, title, words in _SOURCES
        ],
    )


def _drawn(pairs: Sequence[tuple[Item | None, float]]) -> list[Neighbour]:
    most = max((score for _, score in pairs), default=1.0) or 1.0
    return [
        Neighbour(item=item, score=score, bar=Bar(start=0, width=max(score / most, 0)))
        for item, score in pairs
        if item is not None
    ]


def _strongest(lists: Sparse, row: int) -> list[tuple[int, float]]:
    rows, values = lists.of(row)
    return [
        (int(r), float(v)) for r, v in zip(rows[:_MOST], values[:_MOST], strict=True)
    ]


def _nearest(snapshot: Snapshot, row: int) -> list[tuple[int, float]]:
    """Return the items nearest by content, as the engine finds them."""
    query = snapshot.content.of(np.array([row]))
    if not query.any():
        return []
    found = scan(snapshot.content, query, least=_COMPARED)
    scores = found.products[0]
    rows = np.arange(len(scores)) if found.rows is None else found.rows
    best = np.argsort(-scores, kind="stable")[: _MOST + 1]
    near = [(int(rows[i]), float(scores[i])) for i in best if scores[i] > 0]
    return [(other, score) for other, score in near if other != row][:_MOST]


def _place(order: np.ndarray, row: int) -> int:
    found = np.flatnonzero(order == row)
    return int(found[0]) + 1 if len(found) else 0


def _place_in_category(snapshot: Snapshot, row: int) -> tuple[int, int]:
    code = int(snapshot.category[row])
    if code < 0:
        return 0, 0
    starts = snapshot.category_order_starts
    members = snapshot.category_order[starts[code] : starts[code + 1]]
    return _place(members, row), len(members)
