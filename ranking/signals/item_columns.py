"""Turn the table of items into the columns and dictionaries of a snapshot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ranking.core.columns import I32, I64, Blob, Words
from ranking.core.snapshot import NO_CODE, NOT_MANAGED, PATH_SEPARATOR


@dataclass(frozen=True, kw_only=True)
class Coded:
    """Texts of rows as codes in a dictionary. A row may have none."""

    words: Words
    codes: I32


@dataclass(frozen=True, kw_only=True)
class CodedLists:
    """Lists of texts of rows; within a row codes ascend and do not repeat."""

    words: Words
    starts: I64
    codes: I32


def text_blob(column: pa.ChunkedArray) -> Blob:
    """Pack a text column without going through Python strings."""
    array = pa.array(column.combine_chunks().cast(pa.large_binary()))
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if not len(array):
        return Blob.pack([])
    _, offsets, data = array.buffers()
    starts = np.frombuffer(offsets, dtype=np.int64)[array.offset :][: len(array) + 1]
    text = np.frombuffer(data, dtype=np.uint8) if data else np.empty(0, np.uint8)
    return Blob(starts - starts[0], text[starts[0] : starts[-1]])


def rank_texts(column: pa.ChunkedArray) -> tuple[I32, I32]:
    """Return the place of each row in UTF-8 byte order, and the row at each place."""
    order = pc.sort_indices(column.cast(pa.large_binary())).to_numpy().astype(np.int32)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank, order


def code_texts(column: pa.ChunkedArray) -> Coded:
    """Code a text column by the dictionary of its distinct values."""
    texts, places = _distinct(column)
    words = Words.build(texts)
    return Coded(words=words, codes=_code_of(texts, words)[places])


def code_paths(column: pa.ChunkedArray) -> tuple[Coded, I32]:
    """Code category paths; every ancestor is a word. Also return each word's parent."""
    texts, places = _distinct(column)
    every = {prefix for text in texts for prefix in _prefixes(text)}
    words = Words.build(every)
    parents = [
        words.text(code).rpartition(PATH_SEPARATOR)[0] for code in range(len(words))
    ]
    # A root's parent is the empty text, which is no path.
    codes = [words.code(parent) if parent else NO_CODE for parent in parents]
    coded = Coded(words=words, codes=_code_of(texts, words)[places])
    return coded, np.array(codes, dtype=np.int32)


def code_lists(column: pa.ChunkedArray) -> CodedLists:
    """Code lists of texts that are joined by the unit separator, in lower case."""
    lists = pc.split_pattern(pc.utf8_lower(column), PATH_SEPARATOR).combine_chunks()
    members = pa.chunked_array([pc.list_flatten(lists)], type=pa.string())
    rows = pc.list_parent_indices(lists).to_numpy().astype(np.int64)
    coded = code_texts(members)
    # One sort puts memberships in order of row and code; equal ones fall together.
    width = max(len(coded.words), 1)
    distinct = np.unique(rows * width + coded.codes)
    starts = np.searchsorted(distinct, np.arange(len(column) + 1) * width)
    codes = (distinct % width).astype(np.int32)
    return CodedLists(words=coded.words, starts=starts.astype(np.int64), codes=codes)


def stocks(column: pa.ChunkedArray) -> I32:
    """Return pieces in stock; an oversold item has none, an unmanaged one -1."""
    pieces = column.fill_null(0).to_numpy()
    managed = ~column.is_null().to_numpy()
    return np.where(managed, np.maximum(pieces, 0), NOT_MANAGED).astype(np.int32)


def numbers_or_nan(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return numbers with NaN where there is none."""
    numbers: NDArray[np.float64] = column.fill_null(float("nan")).to_numpy()
    return numbers.astype(np.float64)


def _distinct(column: pa.ChunkedArray) -> tuple[list[str], NDArray[np.int64]]:
    """Return distinct texts and, for each row, its place there (-1: the row has none).

    An empty text counts as none.
    """
    filled = pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
    encoded = pa.chunked_array(filled).combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    places = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return encoded.dictionary.to_pylist(), places.astype(np.int64)


def _code_of(texts: list[str], words: Words) -> I32:
    """Return the code of each text, with NO_CODE at the end for place -1."""
    codes = [words.code(text) for text in texts]
    return np.array([*codes, NO_CODE], dtype=np.int32)


def _prefixes(path: str) -> list[str]:
    steps = path.split(PATH_SEPARATOR)
    return [PATH_SEPARATOR.join(steps[: i + 1]) for i in range(len(steps))]
