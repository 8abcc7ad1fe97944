"""The three shapes in which a snapshot keeps its columns, and their lookups.

Plain arrays hold one value per item. :class:`Sparse` holds a list per row,
:class:`Blob` a text per row, and :class:`Words` a dictionary of sorted texts
whose positions are the codes that other columns carry.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Flags = NDArray[np.bool_]
type Bytes = NDArray[np.uint8]
type U8 = NDArray[np.uint8]
type I16 = NDArray[np.int16]
type I32 = NDArray[np.int32]
type I64 = NDArray[np.int64]
type F32 = NDArray[np.float32]
type F64 = NDArray[np.float64]
type Rows = NDArray[np.int64]
type Floats = NDArray[np.floating[Any]]

NO_ROWS: Rows = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Sparse:
    """A list of (row, value) pairs for every row, one after the other (CSR)."""

    starts: I64
    """Shape (m + 1,). List ``i`` lies in ``[starts[i], starts[i + 1])``."""

    rows: I32
    """Shape (nnz,). Item rows, the strongest of each list first."""

    values: F32
    """Shape (nnz,). Above 0; what they count depends on the signal."""

    def __len__(self) -> int:
        return max(len(self.starts) - 1, 0)

    def of(self, row: int) -> tuple[I32, F32]:
        """Return the list of one row, empty for a row that has none."""
        if not 0 <= row < len(self):
            return self.rows[:0], self.values[:0]
        there = slice(self.starts[row], self.starts[row + 1])
        return self.rows[there], self.values[there]

    @classmethod
    def empty(cls) -> Sparse:
        """Return the value of a signal that was not built.

        >>> len(Sparse.empty())
        0
        """
        return cls(
            np.zeros(1, dtype=np.int64),
            np.empty(0, dtype=np.int32),
            np.empty(0, dtype=np.float32),
        )


def positions_in_lists(starts: I64, lists: Rows) -> tuple[Rows, Rows]:
    """Say where the members of several lists lie, without a loop over lists.

    Parameters
    ----------
    starts : array of shape (m + 1,)
        Where each list starts, as in :class:`Sparse`.
    lists : array of shape (q,)
        The lists wanted, in ``[0, m)``, in any order.

    Returns
    -------
    positions : array of shape (p,)
        Positions of all members, list after list.
    owner : array of shape (p,)
        Which entry of ``lists`` each position belongs to.

    Examples
    --------
    >>> starts = np.array([0, 2, 2, 5])
    >>> positions, owner = positions_in_lists(starts, np.array([2, 0]))
    >>> positions.tolist(), owner.tolist()
    ([2, 3, 4, 0, 1], [0, 0, 0, 1, 1])
    """
    begins = starts.take(lists)
    lengths = starts.take(lists + 1) - begins
    ends = lengths.cumsum()
    total = int(ends[-1]) if len(ends) else 0
    owner = np.arange(len(lists)).repeat(lengths)
    return np.arange(total) + (begins - ends + lengths).take(owner), owner


def distinct[T: np.generic](rows: NDArray[T]) -> tuple[NDArray[T], Rows, Rows]:
    """Find the distinct members of a list.

    Does what ``np.unique`` does in half its time for the lists of a request.

    Returns
    -------
    members : array of shape (d,)
        Ascending.
    first : array of shape (d,)
        Where each occurs first.
    which : array of shape (m,)
        Which of the members each entry is.

    Examples
    --------
    >>> members, first, which = distinct(np.array([7, 5, 7]))
    >>> members.tolist(), first.tolist(), which.tolist()
    ([5, 7], [1, 0], [1, 0, 1])
    """
    order = rows.argsort(kind="stable")
    ordered = rows.take(order)
    starts = np.empty(len(rows), dtype=np.bool_)
    starts[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=starts[1:])
    which = np.empty(len(rows), dtype=np.int64)
    which[order] = starts.cumsum() - 1
    return ordered[starts], order[starts], which


WIDEST = 40
"""In a catalog of up to so many times the rows given, a column of the whole catalog
costs less than sorting them."""


def united(rows: Rows, *, n: int) -> tuple[Rows, Rows]:
    """Find the distinct members of a list of rows.

    Parameters
    ----------
    rows : array of shape (m,)
        In ``[0, n)``.
    n : int

    Returns
    -------
    members : array of shape (d,)
        Ascending.
    which : array of shape (m,)
        Which of the members each entry is.

    Examples
    --------
    >>> members, which = united(np.array([7, 5, 7]), n=9)
    >>> members.tolist(), which.tolist()
    ([5, 7], [1, 0, 1])
    """
    if n > WIDEST * len(rows):
        members, _, which = distinct(rows)
        return members, which
    is_member = np.zeros(n, dtype=np.bool_)
    is_member[rows] = True
    members = is_member.nonzero()[0]
    place = np.empty(n, dtype=np.int64)
    place[members] = np.arange(len(members))
    return members, place.take(rows)


@dataclass(frozen=True, slots=True)
class Blob:
    """A text per row, packed end to end as UTF-8."""

    starts: I64
    """Shape (m + 1,). Text ``i`` lies in ``[starts[i], starts[i + 1])``."""

    data: Bytes
    """Shape (starts[m],)."""

    def __len__(self) -> int:
        return max(len(self.starts) - 1, 0)

    def at(self, row: int) -> bytes:
        """Return the text of one row as UTF-8.

        >>> Blob.pack([b"red", b"blue"]).at(1)
        b'blue'
        """
        return self.data[self.starts[row] : self.starts[row + 1]].tobytes()

    def text(self, row: int) -> str:
        """Return the text of one row."""
        return self.at(row).decode()

    @classmethod
    def pack(cls, texts: Sequence[bytes]) -> Blob:
        """Pack texts in the order given."""
        starts = np.zeros(len(texts) + 1, dtype=np.int64)
        np.cumsum([len(text) for text in texts], out=starts[1:])
        return cls(starts, np.frombuffer(b"".join(texts), dtype=np.uint8))


@dataclass(frozen=True, slots=True)
class Words:
    """A dictionary: distinct texts in ascending order of their UTF-8 bytes.

    The position of a word is its code. Words of equal beginning are
    neighbours, so a prefix is a range of codes.
    """

    blob: Blob

    def __len__(self) -> int:
        return len(self.blob)

    def text(self, code: int) -> str:
        """Return the word of a code."""
        return self.blob.text(code)

    def code(self, word: str | bytes) -> int:
        """Return the code of a word, -1 when it is not in here.

        >>> colours = Words.build(["red", "blue"])
        >>> colours.code("red"), colours.code("green")
        (1, -1)
        """
        key = word.encode() if isinstance(word, str) else word
        place = self._first_from(key)
        return place if place < len(self) and self.blob.at(place) == key else -1

    def range(self, prefix: str) -> tuple[int, int]:
        """Return the codes ``[low, high)`` of the words that begin with a prefix.

        >>> Words.build(["brand:a", "brand:b", "red"]).range("brand:")
        (0, 2)
        """
        key = prefix.encode()
        # 0xff occurs in no UTF-8 text, so it lies behind every continuation.
        return self._first_from(key), self._first_from(key + b"\xff")

    def _first_from(self, key: bytes) -> int:
        return bisect_left(range(len(self)), key, key=self.blob.at)

    @classmethod
    def build(cls, words: Iterable[str]) -> Words:
        """Build the dictionary of the distinct words given."""
        return cls(Blob.pack(sorted({word.encode() for word in words})))


@dataclass(frozen=True, slots=True)
class WordLists:
    """Words of items: a list of codes for every row."""

    words: Words
    starts: I64
    """Shape (n + 1,). The words of row i are ``codes[starts[i]:starts[i + 1]]``."""

    codes: I32
    """Ascending within an item, no repeats."""

    @classmethod
    def none(cls) -> WordLists:
        """Return the lists of a dictionary that was not built."""
        nothing = np.empty(0, dtype=np.int32)
        return cls(Words.build([]), np.zeros(1, dtype=np.int64), nothing)
