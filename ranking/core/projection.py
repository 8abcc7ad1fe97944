"""Bring vectors of any length to the 64 dimensions that a snapshot holds.

The projection depends on the length alone, never on the data, so that a vector that
arrives between two builds lands in the same space as those of the build before it.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

PROJECTED_DIMENSIONS = 64
PROJECTION_SEED = b"recsys projection v1"

type FloatMatrix = NDArray[np.float32]


def project(vectors: NDArray[np.floating]) -> FloatMatrix:
    """Project rows to 64 dimensions and scale each to unit length.

    A random matrix of signs keeps cosines within about ``1 / sqrt(64)`` of their
    value with high probability (Achlioptas, "Database-friendly random projections",
    JCSS 66, 2003). The signs come from SHAKE-256 of a fixed seed: no generator whose
    stream may change from one NumPy to the next. Rows of at most 64 numbers are only
    filled up with zeros, which keeps their cosines exactly.

    Parameters
    ----------
    vectors : array of shape (n, d)
        Any length ``d`` ≥ 1 and scale; finite.

    Returns
    -------
    projected : float32 array of shape (n, 64)
        Rows of unit length; a row of zeros stays one.

    Raises
    ------
    ValueError
        If ``vectors`` is not a matrix or holds NaN or an infinity.

    Examples
    --------
    >>> project(np.array([[3.0, 4.0]]))[0, :3]
    array([0.6, 0.8, 0. ], dtype=float32)
    """
    if vectors.ndim != 2:
        raise ValueError(f"vectors must be a matrix, got {vectors.ndim} dimensions")
    if not np.isfinite(vectors).all():
        raise ValueError("vectors must be finite")

    given = vectors.astype(np.float32)
    dimensions = given.shape[1]
    if dimensions > PROJECTED_DIMENSIONS:
        return to_unit_length(given @ projection_matrix(dimensions))
    filled = np.zeros((len(given), PROJECTED_DIMENSIONS), dtype=np.float32)
    filled[:, :dimensions] = given
    return to_unit_length(filled)


@lru_cache(maxsize=16)
def projection_matrix(dimensions: int) -> FloatMatrix:
    """Return the matrix of ±1/8 that :func:`project` multiplies with.

    Parameters
    ----------
    dimensions : int
        Length of the vectors to project, at least 1.

    Returns
    -------
    matrix : float32 array of shape (dimensions, 64)
        Not to be written to.
    """
    n_bytes = dimensions * PROJECTED_DIMENSIONS // 8
    stream = hashlib.shake_256(PROJECTION_SEED).digest(n_bytes)
    bits = np.unpackbits(np.frombuffer(stream, dtype=np.uint8))
    signs = bits.reshape(dimensions, PROJECTED_DIMENSIONS).astype(np.float32) * 2 - 1
    matrix = signs / np.float32(np.sqrt(PROJECTED_DIMENSIONS))
    matrix.flags.writeable = False
    return matrix


def to_unit_length(vectors: FloatMatrix) -> FloatMatrix:
    """Scale each row to length 1, leaving rows of zeros as they are.

    Parameters
    ----------
    vectors : float32 array of shape (n, d)
        Finite.

    Returns
    -------
    scaled : float32 array of shape (n, d)
        Rows of length 1 or 0.

    Examples
    --------
    >>> to_unit_length(np.array([[0.0, 2.0], [0.0, 0.0]], dtype=np.float32))
    array([[0., 1.],
           [0., 0.]], dtype=float32)
    """
    # In float64: the squares of large supplied vectors would overflow float32.
    wide = vectors.astype(np.float64)
    lengths = np.sqrt(np.einsum("ij,ij->i", wide, wide))
    lengths[lengths == 0.0] = 1.0
    scaled: FloatMatrix = (wide / lengths[:, None]).astype(np.float32)
    return scaled
