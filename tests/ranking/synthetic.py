"""Make snapshots of any size from a seed, fast enough for a million items."""

from __future__ import annotations

import numpy as np

from ranking.core.columns import Blob, Sparse, Words
from ranking.core.orders import popular_first, popular_first_by_group
from ranking.core.request import History
from ranking.core.snapshot import PATH_SEPARATOR, Snapshot, standing_of
from ranking.core.vectors import Vectors
from tests.ranking.worlds import DAY_US, NOON_US

DIMENSION = 64
TAGS, TAGS_PER_ITEM = 2_000, 5
BRANDS, CATEGORIES = 500, 200
LISTS_FROM = 50_000
EASE_UP_TO = 8_000


def make_synthetic_snapshot(n_items: int, *, seed: int = 1) -> Snapshot:
    rng = np.random.default_rng(seed)
    n_groups = max(int(np.sqrt(n_items)), 1)
    group = rng.integers(0, n_groups, n_items).astype(np.int32)
    id_rank = np.arange(n_items, dtype=np.int32)
    popularity = 1e4 / (1.0 + rng.permutation(n_items)) ** 0.8
    popularity[rng.random(n_items) < 0.1] = 0.0
    order = popular_first(popularity, id_rank=id_rank)
    tag_codes = np.sort(
        rng.integers(0, TAGS // TAGS_PER_ITEM, (n_items, TAGS_PER_ITEM))
        + np.arange(TAGS_PER_ITEM) * (TAGS // TAGS_PER_ITEM),
        axis=1,
    ).astype(np.int32)
    rows = np.arange(n_items, dtype=np.int32)
    tag_order_starts, tag_order = popular_first_by_group(
        tag_codes.ravel(),
        np.repeat(rows, TAGS_PER_ITEM),
        popularity_order=order,
        n_groups=TAGS,
    )
    category = (group % CATEGORIES).astype(np.int32)
    categories = Words.build(
        PATH_SEPARATOR.join(("shop", f"aisle-{i % 10}", f"shelf-{i:03}"))
        for i in range(CATEGORIES)
    )
    category_starts, category_order = popular_first_by_group(
        category, rows, popularity_order=order, n_groups=CATEGORIES
    )
    available = rng.random(n_items) < 0.97
    stock = rng.integers(-1, 100, n_items).astype(np.int32)
    factors = _clustered(rng, group, n_groups=n_groups)
    content = _unit(_clustered(rng, group, n_groups=n_groups))
    return Snapshot(
        content_hash=bytes(32),
        as_of_us=NOON_US,
        change_number=0,
        last_event_id=0,
        manifest={},
        numbers=np.arange(1, n_items + 1, dtype=np.int64),
        ids=Blob.pack([b"item-%08d" % i for i in range(n_items)]),
        id_rank=id_rank,
        id_order=id_rank,
        brands=Words.build(f"brand-{i:04}" for i in range(BRANDS)),
        brand=rng.integers(0, BRANDS, n_items).astype(np.int32),
        categories=categories,
        category=category,
        category_parent=np.full(CATEGORIES, -1, dtype=np.int32),
        tags=Words.build(f"tag-{i:05}" for i in range(TAGS)),
        tag_starts=np.arange(n_items + 1, dtype=np.int64) * TAGS_PER_ITEM,
        tag_codes=tag_codes.ravel(),
        available=available,
        stock=stock,
        standing=standing_of(available, stock),
        price=np.round(rng.lognormal(3, 1, n_items), 2),
        margin=rng.random(n_items, dtype=np.float32),
        novelty=rng.random(n_items, dtype=np.float32),
        created_us=NOON_US - rng.integers(0, 1000, n_items) * DAY_US,
        long_tail=popularity < np.quantile(popularity, 0.8),
        popularity=popularity.astype(np.float64),
        popularity_order=order,
        category_order_starts=category_starts,
        category_order=category_order,
        tag_order_starts=tag_order_starts,
        tag_order=tag_order,
        segment_names=Words.build([]),
        segment_popularity=Sparse.empty(),
        covisitation=_neighbours(rng, group, per_item=100),
        session=_neighbours(rng, group, per_item=30),
        ease=_neighbours(rng, group, per_item=200)
        if n_items <= EASE_UP_TO
        else Sparse.empty(),
        factors=_vectors(factors, group, n_groups=n_groups),
        factor_gram=_gram(factors),
        factor_alpha=10.0,
        content=_vectors(content, group, n_groups=n_groups),
        users=np.empty(0, dtype=np.int64),
        repeat=Sparse.empty(),
        bought=Sparse.empty(),
    )


def make_synthetic_history(
    snapshot: Snapshot, *, n_events: int = 50, seed: int = 1
) -> History:
    """Make a user who looks at popular items more often, in the last 40 days."""
    rng = np.random.default_rng(seed)
    places = (len(snapshot) * rng.random(n_events) ** 3).astype(np.int64)
    ages = np.sort(rng.random(n_events)) * 40
    return History(
        event_ids=np.arange(n_events, 0, -1),
        numbers=snapshot.numbers[snapshot.popularity_order[places]],
        types=rng.choice([0, 0, 0, 1, 1, 2, 3], n_events).astype(np.int16),
        values=np.ones(n_events),
        ts_us=(NOON_US - ages * DAY_US).astype(np.int64),
        user_number=seed,
        known=True,
    )


def _clustered(rng, group, *, n_groups):
    centres = rng.standard_normal((n_groups, DIMENSION), dtype=np.float32)
    noise = rng.standard_normal((len(group), DIMENSION), dtype=np.float32)
    return (centres[group] + 0.7 * noise) * np.float32(0.1)


def _unit(matrix):
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


def _gram(factors):
    return factors.T.astype(float) @ factors.astype(float) + 0.05 * np.eye(DIMENSION)


def _vectors(matrix, group, *, n_groups) -> Vectors:
    if len(matrix) < LISTS_FROM:
        return Vectors.exact(matrix)
    sums = np.stack([np.bincount(group, column, n_groups) for column in matrix.T])
    centroids = (sums / np.maximum(np.bincount(group, minlength=n_groups), 1)).T
    return Vectors.grouped(
        matrix, centroids=centroids.astype(np.float32), assigned=group
    )


def _neighbours(rng, group, *, per_item) -> Sparse:
    """Give each item random neighbours, half of them from its own group."""
    n_items = len(group)
    rows = rng.integers(0, n_items, (n_items, per_item), dtype=np.int32)
    by_group = np.argsort(group, kind="stable").astype(np.int32)
    place = np.empty_like(by_group)
    place[by_group] = np.arange(n_items, dtype=np.int32)
    half = per_item // 2
    near = place[:, np.newaxis] + rng.integers(1, 500, (n_items, half), dtype=np.int32)
    rows[:, :half] = by_group[near % n_items]
    values = np.sort(rng.random((n_items, per_item), dtype=np.float32), axis=1)[:, ::-1]
    return Sparse(
        np.arange(n_items + 1, dtype=np.int64) * per_item,
        rows.ravel(),
        np.ascontiguousarray(values).ravel(),
    )
