"""Vectors of items, in an order in which near ones can be found quickly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .columns import F32, I32, I64, Floats, Rows

STEPS = 2048
"""Components of content vectors are multiples of ``1 / STEPS``."""


def quantised(vectors: Floats) -> F32:
    """Round the components of unit vectors so that their products are exact.

    Products of such components are multiples of 2**-22, and so are their sums,
    which never exceed 2 and therefore fit into the 24 bits of a float32. So a
    cosine comes out the same to the last bit in whatever order, and on
    whatever machine, it is summed up, and twins are equal. A component changes
    by at most 2**-12.

    >>> quantised(np.array([[0.6, 0.8]])).tolist()
    [[0.60009765625, 0.7998046875]]
    """
    return (np.rint(vectors.astype(np.float64) * STEPS) / STEPS).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vectors:
    """One vector per item, optionally grouped into lists of near ones.

    Without lists (small catalogs) row ``i`` of ``matrix`` is item row ``i``
    and a search compares everything. With lists, ``matrix`` holds list after
    list, so that a search reads a few contiguous pieces of it.
    """

    matrix: Floats
    """Shape (n, d), float32 or float16. A zero row is an item without a vector."""

    rows: I32
    """Shape (n,) item row of each matrix row; shape (0,) without lists."""

    positions: I32
    """Shape (n,) matrix row of each item row; shape (0,) without lists."""

    centroids: F32
    """Shape (c, d). Mean vector of each list; shape (0, d) without lists."""

    list_starts: I64
    """Shape (c + 1,). List ``i`` is ``matrix[list_starts[i]:list_starts[i + 1]]``."""

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
        if known.all():
            return self.matrix[self._places(rows)].astype(np.float32, copy=False)
        vectors = np.zeros((len(rows), self.dimension), dtype=np.float32)
        vectors[known] = self.matrix[self._places(rows[known])]
        return vectors

    def _places(self, rows: Rows) -> Rows | I32:
        return self.positions[rows] if self.has_lists else rows

    @classmethod
    def exact(cls, matrix: Floats) -> Vectors:
        """Return vectors without lists: row ``i`` is item row ``i``."""
        nothing = np.empty(0, dtype=np.int32)
        return cls(
            matrix=matrix,
            rows=nothing,
            positions=nothing,
            centroids=np.empty((0, matrix.shape[1]), dtype=np.float32),
            list_starts=np.zeros(1, dtype=np.int64),
        )

    @classmethod
    def grouped(cls, matrix: Floats, *, centroids: F32, assigned: I32) -> Vectors:
        """Group vectors into lists.

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
        return cls(
            matrix=np.ascontiguousarray(matrix[rows]),
            rows=rows,
            positions=positions,
            centroids=centroids,
            list_starts=np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
        )

    @classmethod
    def empty(cls, dimension: int = 0) -> Vectors:
        """Return the value of a signal that was not built."""
        return cls.exact(np.empty((0, dimension), dtype=np.float32))
