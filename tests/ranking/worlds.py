"""Build small snapshots by hand, and large ones from a seed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ranking.core.columns import Blob, Sparse, WordLists, Words
from ranking.core.orders import popular_first, popular_first_by_group, rank_ids
from ranking.core.request import History
from ranking.core.snapshot import PATH_SEPARATOR, Snapshot, standing_of
from ranking.core.vectors import Vectors
from ranking.core.world import World

DAY_US = 86_400_000_000
NOON_US = 1_772_452_800_000_000  # 2 March 2026, 12:00 UTC
FACTOR_REGULARIZATION = 0.05

type Neighbours = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item as a test describes it. Numbers follow the order of the list."""

    item_id: str
    popularity: float = 0.0
    tags: Sequence[str] = ()
    brand: str | None = None
    category: Sequence[str] = ()
    price: float | None = 10.0
    stock: int | None = None
    available: bool = True
    margin: float | None = None
    novelty: float | None = None
    created_us: int = NOON_US - 100 * DAY_US
    long_tail: bool = False
    trend: float = 0.0
    content: Sequence[float] | None = None
    factors: Sequence[float] | None = None
    number: int | None = None
    props: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Shop:
    """Items and what is known between them, before it is packed into columns."""

    items: Sequence[Item]
    covisitation: Neighbours = field(default_factory=dict)
    session: Neighbours = field(default_factory=dict)
    ease: Neighbours = field(default_factory=dict)
    repeat: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    bought: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    segment_popularity: Neighbours = field(default_factory=dict)


def numbers_of(shop: Shop) -> dict[str, int]:
    return {
        item.item_id: 100 + i if item.number is None else item.number
        for i, item in enumerate(shop.items)
    }


def number_of(shop: Shop, item_id: str) -> int:
    return numbers_of(shop)[item_id]


def make_world(*items: Item, **signals) -> World:
    return World.of(make_snapshot(Shop(items=items, **signals)))


def make_snapshot(shop: Shop) -> Snapshot:
    numbers = list(numbers_of(shop).values())
    order = sorted(range(len(numbers)), key=numbers.__getitem__)
    items = [shop.items[i] for i in order]
    row_of = {item.item_id: row for row, item in enumerate(items)}
    ids = Blob.pack([item.item_id.encode() for item in items])
    id_rank, id_order = rank_ids(ids)
    brands = Words.build(item.brand for item in items if item.brand)
    categories = Words.build(
        PATH_SEPARATOR.join(item.category[: depth + 1])
        for item in items
        for depth in range(len(item.category))
    )
    tags = Words.build(tag.lower() for item in items for tag in item.tags)
    popularity = np.array([float(item.popularity) for item in items])
    popularity_order = popular_first(popularity, id_rank=id_rank)
    category = _codes(PATH_SEPARATOR.join(i.category) or None for i in items)(
        categories
    )
    tag_lists = [sorted({tags.code(tag.lower()) for tag in i.tags}) for i in items]
    tag_starts = _starts(tag_lists)
    tag_codes = np.array([c for codes in tag_lists for c in codes], dtype=np.int32)
    category_starts, category_order = popular_first_by_group(
        category,
        np.arange(len(items), dtype=np.int32),
        popularity_order=popularity_order,
        n_groups=len(categories),
    )
    tag_order_starts, tag_order = popular_first_by_group(
        tag_codes,
        np.repeat(np.arange(len(items)), np.diff(tag_starts)),
        popularity_order=popularity_order,
        n_groups=len(tags),
    )
    factors = _matrix([item.factors for item in items])
    users = sorted({*shop.repeat, *shop.bought})
    segment_names = Words.build(shop.segment_popularity)
    available = np.array([item.available for item in items], dtype=bool)
    stock = np.array([-1 if i.stock is None else i.stock for i in items], np.int32)
    return Snapshot(
        content_hash=hashlib.sha256(repr(shop).encode()).digest(),
        as_of_us=NOON_US,
        change_number=7,
        last_event_id=1000,
        manifest={},
        numbers=np.array([numbers[i] for i in order], dtype=np.int64),
        ids=ids,
        id_rank=id_rank,
        id_order=id_order,
        brands=brands,
        brand=_codes(item.brand for item in items)(brands),
        categories=categories,
        category=category,
        category_parent=_parents(categories),
        tags=tags,
        tag_starts=tag_starts,
        tag_codes=tag_codes,
        props=_props(items),
        available=available,
        stock=stock,
        standing=standing_of(available, stock),
        price=_numbers(item.price for item in items),
        margin=_numbers(item.margin for item in items).astype(np.float32),
        novelty=_numbers(item.novelty for item in items).astype(np.float32),
        created_us=np.array([item.created_us for item in items], dtype=np.int64),
        long_tail=np.array([item.long_tail for item in items], dtype=bool),
        trend=np.array([item.trend for item in items], dtype=np.float32),
        popularity=popularity,
        popularity_order=popularity_order,
        category_order_starts=category_starts,
        category_order=category_order,
        tag_order_starts=tag_order_starts,
        tag_order=tag_order,
        segment_names=segment_names,
        segment_popularity=_sparse(
            [
                shop.segment_popularity[segment_names.text(c)]
                for c in range(len(segment_names))
            ],
            row_of,
        ),
        covisitation=_neighbours(shop.covisitation, items, row_of),
        session=_neighbours(shop.session, items, row_of),
        ease=_neighbours(shop.ease, items, row_of),
        factors=Vectors.exact(factors),
        factor_gram=(
            factors.astype(float).T @ factors.astype(float)
            + FACTOR_REGULARIZATION * np.eye(factors.shape[1])
        ),
        factor_alpha=10.0,
        content=Vectors.exact(_unit(_matrix([item.content for item in items]))),
        users=np.array(users, dtype=np.int64),
        repeat=_sparse([shop.repeat.get(user, {}) for user in users], row_of),
        bought=_sparse([shop.bought.get(user, {}) for user in users], row_of),
    )


def make_history(
    shop: Shop, *events: tuple[str, int, float], user_number=None, traits=None
) -> History:
    """Make the history of a known user from (item id, event type, days ago)."""
    events = tuple(sorted(events, key=lambda event: event[2]))
    numbers = numbers_of(shop)
    return History(
        event_ids=np.arange(len(events), 0, -1),
        numbers=np.array([numbers[e[0]] for e in events], dtype=np.int64),
        types=np.array([e[1] for e in events], dtype=np.int16),
        values=np.ones(len(events)),
        ts_us=np.array([NOON_US - int(e[2] * DAY_US) for e in events], dtype=np.int64),
        user_number=user_number,
        known=True,
        traits=traits or {},
    )


def _props(items):
    said = [
        sorted({f"{name}={value}".lower() for name, value in item.props.items()})
        for item in items
    ]
    words = Words.build(word for each in said for word in each)
    lists = [[words.code(word) for word in each] for each in said]
    codes = np.array([code for each in lists for code in each], dtype=np.int32)
    return WordLists(words, _starts(lists), codes)


def _codes(words):
    words = list(words)

    def of(dictionary: Words):
        codes = [-1 if word is None else dictionary.code(word) for word in words]
        return np.array(codes, dtype=np.int32)

    return of


def _numbers(values):
    return np.array([np.nan if value is None else value for value in values])


def _starts(lists):
    return np.concatenate(([0], np.cumsum([len(x) for x in lists]))).astype(np.int64)


def _parents(categories: Words):
    paths = [categories.text(code) for code in range(len(categories))]
    parents = [path.rpartition(PATH_SEPARATOR)[0] for path in paths]
    return np.array([categories.code(path) if path else -1 for path in parents])


def _matrix(vectors):
    dimension = max((len(v) for v in vectors if v is not None), default=0)
    if not dimension:
        return np.empty((0, 0), dtype=np.float32)
    rows = [v if v is not None else [0.0] * dimension for v in vectors]
    return np.array(rows, dtype=np.float32)


def _unit(matrix):
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.divide(matrix, lengths, out=np.zeros_like(matrix), where=lengths > 0)


def _sparse(lists, row_of) -> Sparse:
    ordered = [
        sorted(entries.items(), key=lambda e: (-e[1], e[0].encode()))
        for entries in lists
    ]
    return Sparse(
        _starts(ordered),
        np.array([row_of[i] for entries in ordered for i, _ in entries], np.int32),
        np.array([v for entries in ordered for _, v in entries], np.float32),
    )


def _neighbours(neighbours: Neighbours, items, row_of) -> Sparse:
    if not neighbours:
        return Sparse.empty()
    return _sparse([neighbours.get(item.item_id, {}) for item in items], row_of)
