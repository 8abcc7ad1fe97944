"""Inverted lists: group vectors so that a search need not read all of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

type FloatMatrix = NDArray[np.float32]

_BLOCK = 16_384
# So many vectors for each centroid are enough to place it.
_SAMPLE_PER_LIST = 64
_ROUNDS = 6


def lists_for(n: int) -> int:
    """Return how many lists suit n vectors: about the square root.

    >>> lists_for(1_000_000)
    1000
    """
    return max(1, round(float(np.sqrt(n))))


def centroids_of(vectors: FloatMatrix, *, lists: int, seed: int) -> FloatMatrix:
    """Place the centroids of lists by Lloyd's k-means on a sample.

    Parameters
    ----------
    vectors : float32 array of shape (n, d)
    lists : int
        At least 1 and at most n.
    seed : int
        Of the sample. Equal input gives equal centroids.

    Returns
    -------
    centroids : float32 array of shape (lists, d)
        A list that lost all its members keeps its former centroid.
    """
    rng = np.random.default_rng(seed)
    size = min(len(vectors), lists * _SAMPLE_PER_LIST)
    sample = vectors[np.sort(rng.choice(len(vectors), size, replace=False))]
    centroids = sample[rng.choice(size, lists, replace=False)].copy()
    for _ in range(_ROUNDS):
        members = assign(sample, centroids)
        order = np.argsort(members, kind="stable")
        counts = np.bincount(members, minlength=lists)
        used = np.flatnonzero(counts)
        starts = (np.cumsum(counts) - counts)[used]
        sums = np.add.reduceat(sample[order], starts, axis=0)
        centroids[used] = sums / counts[used, None]
    return centroids


def assign(vectors: FloatMatrix, centroids: FloatMatrix) -> NDArray[np.int32]:
    """Return the list with the nearest centroid for each vector.

    Nearest by Euclidean distance: ``argmax(v·c - |c|²/2)``, ties to the lower list.

    Parameters
    ----------
    vectors : float32 array of shape (n, d)
    centroids : float32 array of shape (c, d)

    Returns
    -------
    lists : int32 array of shape (n,)

    Examples
    --------
    >>> points = np.array([[0.0, 1.0], [5.0, 5.0]], dtype=np.float32)
    >>> assign(points, np.array([[4.0, 4.0], [0.0, 0.0]], dtype=np.float32)).tolist()
    [1, 0]
    """
    half_squares = np.einsum("ij,ij->i", centroids, centroids) / 2
    members = np.empty(len(vectors), dtype=np.int32)
    for start in range(0, len(vectors), _BLOCK):
        block = vectors[start : start + _BLOCK]
        nearness = block @ centroids.T - half_squares
        members[start : start + _BLOCK] = np.argmax(nearness, axis=1)
    return members
