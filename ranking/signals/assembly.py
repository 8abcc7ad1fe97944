"""Bring column files to the rows of one snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ranking.core.columns import I32, I64, Sparse, WordLists, Words
from ranking.core.orders import popular_first, popular_first_by_group
from ranking.core.snapshot import Snapshot, standing_of
from ranking.core.vectors import Vectors
from ranking.training.als import gram
from ranking.training.ivf import assign, centroids_of, lists_for

from .item_columns import (
    code_lists,
    code_paths,
    code_texts,
    numbers_or_nan,
    rank_texts,
    stocks,
    text_blob,
)
from .parameters import SignalParameters
from .scores import long_tail, places, sparse, to_linear

type Tables = Mapping[str, pa.Table]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What a snapshot is a snapshot of."""

    as_of_us: int
    change_number: int
    last_event_id: int
    about: Mapping[str, Any]


def assemble(
    tables: Tables, *, origin: Origin, parameters: SignalParameters
) -> Snapshot:
    """Build the snapshot of the items in `tables["items"]`, by ascending number."""
    items = tables["items"]
    numbers = _numbers(items, "item_number")
    users = np.unique(_numbers(tables["repeat"], "user_number"))
    factors = _matrix(tables["factors"], "factor", numbers=numbers)
    linear = _popularity(tables["popularity"], numbers)
    return Snapshot(
        content_hash=b"",
        as_of_us=origin.as_of_us,
        change_number=origin.change_number,
        last_event_id=origin.last_event_id,
        manifest={**origin.about, "popularity_log2_unit": linear["unit"]},
        numbers=numbers,
        **_attributes(items, log2_scores=linear["log2"]),
        long_tail=long_tail(
            linear["interactions"], head_share=parameters.long_tail_share
        ),
        popularity=linear["scores"],
        trend=_trend(tables["trend"], numbers),
        **_segments(tables["segment_popularity"], numbers),
        covisitation=_neighbours(tables["covisitation"], numbers),
        session=_neighbours(tables["session"], numbers),
        ease=_neighbours(tables["ease"], numbers),
        factors=_vectors(factors, parameters=parameters),
        factor_gram=gram(factors, regularization=parameters.factor_regularization),
        factor_alpha=parameters.factor_alpha,
        content=_content(tables["content"], numbers, parameters=parameters),
        users=users,
        repeat=_of_users(tables["repeat"], "repeat", users=users, numbers=numbers),
        bought=_of_users(tables["bought"], "bought_day", users=users, numbers=numbers),
    )


def _attributes(items: pa.Table, *, log2_scores: NDArray[np.float64]) -> dict[str, Any]:
    id_rank, id_order = rank_texts(items["item_id"])
    brands, (categories, parents) = (
        code_texts(items["brand"]),
        code_paths(items["category_path"]),
    )
    tags = code_lists(items["tags"])
    available, stock = items["available"].to_numpy(), stocks(items["stock"])
    order = popular_first(log2_scores, id_rank=id_rank)
    by_category = popular_first_by_group(
        categories.codes,
        np.arange(len(items), dtype=np.int32),
        popularity_order=order,
        n_groups=len(categories.words),
    )
    owners = np.repeat(np.arange(len(items), dtype=np.int32), np.diff(tags.starts))
    by_tag = popular_first_by_group(
        tags.codes, owners, popularity_order=order, n_groups=len(tags.words)
    )
    return {
        "ids": text_blob(items["item_id"]),
        "id_rank": id_rank,
        "id_order": id_order,
        "brands": brands.words,
        "brand": brands.codes,
        "categories": categories.words,
        "category": categories.codes,
        "category_parent": parents,
        "tags": tags.words,
        "tag_starts": tags.starts,
        "tag_codes": tags.codes,
        "props": _props(items),
        "available": available,
        "stock": stock,
        "standing": standing_of(available, stock),
        "price": numbers_or_nan(items["price"]),
        "margin": numbers_or_nan(items["margin"]).astype(np.float32),
        "novelty": numbers_or_nan(items["novelty"]).astype(np.float32),
        "created_us": _numbers(items, "created_us"),
        "popularity_order": order,
        **_orders("category", by_category),
        **_orders("tag", by_tag),
    }


def _props(items: pa.Table) -> WordLists:
    if "props" not in items.column_names:
        return WordLists.none()
    props = code_lists(items["props"])
    return WordLists(props.words, props.starts, props.codes)


def _orders(name: str, order: tuple[I64, I32]) -> dict[str, Any]:
    return {f"{name}_order_starts": order[0], f"{name}_order": order[1]}


def _popularity(table: pa.Table, numbers: I64) -> dict[str, Any]:
    rows = places(numbers, _numbers(table, "item_number"))
    log2 = np.full(len(numbers), -np.inf)
    log2[rows] = table["log2_score"].fill_null(float("-inf")).to_numpy()
    interactions = np.zeros(len(numbers), dtype=np.int64)
    interactions[rows] = _numbers(table, "interactions")
    linear = to_linear(log2)
    return {
        "log2": log2,
        "scores": linear.scores,
        "unit": linear.log2_unit,
        "interactions": interactions,
    }


def _trend(table: pa.Table, numbers: I64) -> NDArray[np.float32]:
    trend = np.zeros(len(numbers), dtype=np.float32)
    rows = places(numbers, _numbers(table, "item_number"))
    known = rows >= 0
    trend[rows[known]] = table["trend"].to_numpy()[known]
    return trend


def _segments(table: pa.Table, numbers: I64) -> dict[str, Any]:
    # The names are sorted by their bytes in the column file already.
    names = Words.build(table["segment"].unique().to_pylist())
    codes = {names.text(code): code for code in range(len(names))}
    lists = np.array([codes[name] for name in table["segment"].to_pylist()], np.int64)
    rows = places(numbers, _numbers(table, "item_number"))
    log2 = table["log2_score"].to_numpy()
    # Strongest first within each segment, as everywhere.
    order = np.lexsort((rows, -log2, lists))
    scores = np.maximum(to_linear(log2).scores, np.finfo(np.float32).tiny)
    return {
        "segment_names": names,
        "segment_popularity": sparse(
            lists[order], rows[order], scores[order], n_lists=len(names)
        ),
    }


def _neighbours(table: pa.Table, numbers: I64) -> Sparse:
    return sparse(
        places(numbers, _numbers(table, "item_number")),
        places(numbers, _numbers(table, "neighbour")),
        table["score"].to_numpy(),
        n_lists=len(numbers),
    )


def _of_users(table: pa.Table, value: str, *, users: I64, numbers: I64) -> Sparse:
    return sparse(
        places(users, _numbers(table, "user_number")),
        places(numbers, _numbers(table, "item_number")),
        table[value].to_numpy(),
        n_lists=len(users),
    )


def _matrix(table: pa.Table, name: str, *, numbers: I64) -> NDArray[np.float32]:
    """Return one row per item, zero where the table has none."""
    column = table[name].combine_chunks()
    width = column.type.list_size
    values = column.flatten().to_numpy(zero_copy_only=False).reshape(-1, width)
    rows = places(numbers, _numbers(table, "item_number"))
    matrix = np.zeros((len(numbers), width), dtype=np.float32)
    matrix[rows[rows >= 0]] = values[rows >= 0]
    return matrix


def _content(table: pa.Table, numbers: I64, *, parameters: SignalParameters) -> Vectors:
    matrix = _matrix(table, "vector", numbers=numbers)
    return _vectors(matrix, parameters=parameters)


def _vectors(matrix: NDArray[np.float32], *, parameters: SignalParameters) -> Vectors:
    used = np.flatnonzero(matrix.any(axis=1))
    if len(used) < parameters.index_from_items:
        return Vectors.exact(matrix)
    vectors = matrix[used]
    centroids = centroids_of(vectors, lists=lists_for(len(used)), seed=parameters.seed)
    # Items without a vector lie apart, in a last list around zero.
    assigned = np.full(len(matrix), len(centroids), dtype=np.int32)
    assigned[used] = assign(vectors, centroids)
    nothing = np.zeros((1, matrix.shape[1]), dtype=np.float32)
    return Vectors.grouped(
        matrix, centroids=np.concatenate([centroids, nothing]), assigned=assigned
    )


def _numbers(table: pa.Table, name: str) -> I64:
    numbers: I64 = table[name].to_numpy().astype(np.int64)
    return numbers
