"""Content vectors: those supplied by the client, or computed from the words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ranking.core.embedding import EMBEDDING_MODEL, ItemText, embed
from ranking.core.projection import PROJECTED_DIMENSIONS, project

from .item_columns import text_blob
from .scores import places
from .sources import Sources

_BLOCK = 100_000
TEXTS = ("title", "brand", "category_path", "tags", "description")

SUPPLIED, COMPUTED = "supplied", "computed"


def content_space(sources: Sources) -> str:
    """Return in which of two spaces the namespace's items lie, never in both.

    Supplied vectors win where at least half of the items have one; the others then
    have none, because a computed vector says nothing in a supplied space. Where fewer
    have one, all are computed: a few sent by way of trial must not blind the rest.
    """
    if sources.supplied is None or not len(sources.items):
        return COMPUTED
    known = places(sources.items["item_number"].to_numpy(), sources.supplied.numbers)
    return (
        SUPPLIED if 2 * np.count_nonzero(known >= 0) >= len(sources.items) else COMPUTED
    )


def content_vectors(sources: Sources) -> pa.Table:
    """Return `item_number` and `vector` (64 numbers) of items that have one."""
    if content_space(sources) == SUPPLIED:
        assert sources.supplied is not None
        supplied = sources.supplied
        numbers, vectors = supplied.numbers, project(supplied.vectors)
    else:
        numbers = sources.items["item_number"].to_numpy()
        vectors = np.concatenate(
            [
                np.zeros((0, PROJECTED_DIMENSIONS), dtype=np.float32),
                *(embed(block) for block in _texts(sources.items)),
            ]
        )
    has_one = vectors.any(axis=1)
    return vector_table(numbers[has_one], vectors[has_one], name="vector")


def vector_table(
    numbers: np.ndarray[tuple[int], np.dtype[np.int64]],
    vectors: np.ndarray[tuple[int, int], np.dtype[np.float32]],
    *,
    name: str,
) -> pa.Table:
    """Return a table of item numbers and lists of fixed length."""
    flat = pa.array(np.ascontiguousarray(vectors).reshape(-1), pa.float32())
    lists = pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])
    return pa.table({"item_number": pa.array(numbers, pa.int64()), name: lists})


def content_inputs(sources: Sources) -> list[str]:
    """Return what the vectors depend on, as text to take a fingerprint of."""
    if content_space(sources) == SUPPLIED:
        assert sources.supplied is not None
        return [SUPPLIED, _hash(sources.supplied.vectors.tobytes()), _numbers(sources)]
    columns = [_hash_column(sources.items[name]) for name in TEXTS]
    return [EMBEDDING_MODEL, _numbers(sources), *columns]


def _texts(items: pa.Table) -> Iterator[list[ItemText]]:
    for batch in items.select(list(TEXTS)).to_batches(max_chunksize=_BLOCK):
        columns = (column.to_pylist() for column in batch.columns)
        yield [
            ItemText(title, brand, _split(path), _split(tags), description)
            for title, brand, path, tags, description in zip(*columns, strict=True)
        ]


def _split(joined: str | None) -> tuple[str, ...]:
    return tuple(joined.split("\x1f")) if joined else ()


def _numbers(sources: Sources) -> str:
    return _hash(sources.items["item_number"].to_numpy().tobytes())


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _hash_column(column: pa.ChunkedArray) -> str:
    """Hash the texts of a column, however it is cut into chunks."""
    digest = hashlib.sha256()
    for name in ("validity", "lengths", "bytes"):
        digest.update(name.encode())
        for chunk in column.chunks:
            digest.update(_PARTS[name](chunk))
    return digest.hexdigest()


_PARTS: dict[str, Callable[[pa.Array], bytes]] = {
    "validity": lambda chunk: chunk.is_valid().to_numpy(zero_copy_only=False).tobytes(),
    "lengths": lambda chunk: (
        pc.binary_length(chunk).fill_null(0).to_numpy(zero_copy_only=False).tobytes()
    ),
    "bytes": lambda chunk: text_blob(pa.chunked_array([chunk])).data.tobytes(),
}
