"""Vectors of items, in an order in which near ones can be found quickly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .columns import F32, F64, I16, I32, I64, Floats, Rows

STEPS = 2048
"""The longest of quantised vectors measures about so many steps."""

BLOCK = 65_536
"""So many vectors are packed at a time: a whole matrix would double its room."""

IN_CACHE = 2_048
"""So many vectors are multiplied at a time, for all queries while they are near."""


def step_of(longest: float) -> float:
    """Return the step in which vectors of at most a length are quantised.

    A power of two, so that multiplying by it is exact.

    >>> step_of(1.0) * STEPS
    1.0
    """
    # A hair above a power of two, as unit vectors are, is no reason to lose a bit.
    return float(2.0 ** np.ceil(np.log2(longest) - 0.25)) / STEPS if longest else 1.0


def quantised(vectors: Floats, *, longest: float | None = None) -> F32:
    """Round components so that products of two such vectors are exact.

    Components become multiples of a power of two, such that the longest vector
    measures at most 1.2 * 2048 of them. Products of two such vectors, and all
    partial sums of a product, are then whole multiples of one power of two,
    fewer than 2**24 of them, which float32 holds without rounding. So an inner
    product comes out the same to the last bit in whatever order, and on
    whatever machine, it is summed up, and twins are equal.

    Parameters
    ----------
    vectors : array of shape (n, d) or (d,)
    longest : float, optional
        Euclidean length that none exceeds; by default the longest given.

    Examples
    --------
    >>> quantised(np.array([[0.6, 0.8]]), longest=1.0).tolist()
    [[0.60009765625, 0.7998046875]]
    """
    step = step_of(_longest(vectors) if longest is None else longest)
    return (_steps(vectors, step) * step).astype(np.float32)


def _longest(vectors: Floats) -> float:
    exact = np.asarray(vectors, dtype=np.float64)
    return float(np.sqrt((exact * exact).sum(axis=-1)).max(initial=0.0))


def _steps(vectors: Floats, step: float) -> F64:
    steps: F64 = np.rint(np.asarray(vectors, dtype=np.float64) / step)
    return steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Vectors:
    """One vector per item, optionally grouped into lists of near ones.

    Without lists (small catalogs) row ``i`` of ``matrix`` is item row ``i``
    and a search compares everything. With lists, ``matrix`` holds list after
    list, so that a search reads a few contiguous pieces of it.
    """

    matrix: I16
    """Shape (n, d). Quantised vectors in units of ``step``; a zero row is an item
    without one. Half the room of float32, which memory takes twice as long to
    deliver as the processor takes to convert these."""

    rows: I32
    """Shape (n,) item row of each matrix row; shape (0,) without lists."""

    positions: I32
    """Shape (n,) matrix row of each item row; shape (0,) without lists."""

    centroids: F32
    """Shape (c, d). Mean vector of each list; shape (0, d) without lists."""

    list_starts: I64
    """Shape (c + 1,). List ``i`` is ``matrix[list_starts[i]:list_starts[i + 1]]``."""

    columns: F32
    """Shape (d, n). The same vectors, in units of 1, as columns: so a whole small
    catalog is compared in a quarter of the time. Shape (d, 0) with lists."""

    step: F64
    """Shape (1,). What one unit of ``matrix`` stands for; a power of two."""

    def __len__(self) -> int:
        return len(self.matrix)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self.matrix.shape[1])

    @property
    def has_lists(self) -> bool:
        """Whether a search may read a part of the matrix only."""
        return len(self.centroids) > 0

    def of(self, rows: Rows) -> F32:
        """Return the vectors of item rows.

        Rows beyond the matrix (items newer than it) have a zero vector.

        Parameters
        ----------
        rows : array of shape (m,)
            Item rows, not negative.

        Returns
        -------
        vectors : array of shape (m, d)
        """
        known = rows < len(self.matrix)
        if np.count_nonzero(known) == len(rows):
            return self._scaled(self.matrix.take(self._places(rows), axis=0))
        vectors = np.zeros((len(rows), self.dimension), dtype=np.float32)
        vectors[known] = self._scaled(self.matrix[self._places(rows[known])])
        return vectors

    def multiplied_all(self, queries: F32) -> F32:
        """Return products of all vectors with queries, shape (q, n); without lists."""
        products: F32 = queries @ self.columns
        return products

    def multiplied(self, pieces: Sequence[slice], queries: F32) -> F32:
        """Return products of pieces of the matrix with queries, shape (q, rows)."""
        sizes = [piece.stop - piece.start for piece in pieces]
        products = np.empty((len(queries), sum(sizes)), dtype=np.float32)
        place = 0
        for piece, size in zip(pieces, sizes, strict=True):
            there = products[:, place : place + size]
            self._multiply(self.matrix[piece], queries, products=there)
            place += size
        return products

    def multiplied_at(self, rows: Rows, queries: F32) -> F32:
        """Return products of item rows' vectors with queries, shape (q, rows).

        Rows beyond the matrix have a product of 0.
        """
        products = np.zeros((len(queries), len(rows)), dtype=np.float32)
        known = rows < len(self.matrix)
        if np.count_nonzero(known) == len(rows):
            vectors = self.matrix.take(self._places(rows), axis=0)
            self._multiply(vectors, queries, products=products)
        else:
            products[:, known] = self.multiplied_at(rows[known], queries)
        return products

    def _multiply(self, vectors: I16, queries: F32, *, products: F32) -> None:
        for start in range(0, len(vectors), IN_CACHE):
            block = vectors[start : start + IN_CACHE].astype(np.float32)
            # One query at a time: BLAS takes longer for a handful together.
            for query, line in zip(queries, products, strict=True):
                np.dot(block, query, out=line[start : start + IN_CACHE])
        products *= np.float32(self.step[0])

    def _scaled(self, steps: I16) -> F32:
        scaled: F32 = steps * np.float32(self.step[0])
        return scaled

    def _places(self, rows: Rows) -> Rows | I32:
        return self.positions[rows] if self.has_lists else rows

    @classmethod
    def exact(cls, matrix: Floats) -> Vectors:
        """Quantise vectors without lists: row ``i`` is item row ``i``."""
        nothing = np.empty(0, dtype=np.int32)
        steps, step = _in_steps(matrix, np.arange(len(matrix)))
        columns = np.ascontiguousarray(steps.T, dtype=np.float32)
        return cls(
            matrix=steps,
            rows=nothing,
            positions=nothing,
            centroids=np.empty((0, matrix.shape[1]), dtype=np.float32),
            list_starts=np.zeros(1, dtype=np.int64),
            columns=columns * np.float32(step[0]),
            step=step,
        )

    @classmethod
    def grouped(cls, matrix: Floats, *, centroids: F32, assigned: I32) -> Vectors:
        """Quantise vectors and group them into lists.

        Parameters
        ----------
        matrix : array of shape (n, d)
            Row ``i`` is item row ``i``.
        centroids : array of shape (c, d)
        assigned : array of shape (n,)
            The list of each row, in ``[0, c)``. Within a list items keep
            their order.
        """
        rows = np.argsort(assigned, kind="stable").astype(np.int32)
        positions = np.empty_like(rows)
        positions[rows] = np.arange(len(rows), dtype=np.int32)
        sizes = np.bincount(assigned, minlength=len(centroids))
        steps, step = _in_steps(matrix, rows)
        return cls(
            matrix=steps,
            rows=rows,
            positions=positions,
            centroids=centroids,
            list_starts=np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
            columns=np.empty((matrix.shape[1], 0), dtype=np.float32),
            step=step,
        )

    @classmethod
    def empty(cls, dimension: int = 0) -> Vectors:
        """Return the value of a signal that was not built."""
        return cls.exact(np.empty((0, dimension), dtype=np.float32))


def _in_steps(matrix: Floats, order: Rows | I32) -> tuple[I16, F64]:
    """Return rows of a matrix in whole steps, and the step, block by block."""
    n = len(matrix)
    blocks = [slice(start, start + BLOCK) for start in range(0, n, BLOCK)]
    step = step_of(max((_longest(matrix[block]) for block in blocks), default=0.0))
    steps = np.empty(matrix.shape, dtype=np.int16)
    for block in blocks:
        steps[block] = _steps(matrix[order[block]], step)
    return steps, np.array([step])
