"""The matrix of users and items that models are trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Interactions:
    """Who had to do with what, and how much."""

    users: NDArray[np.int64]
    """Shape (u,). Ascending user numbers; row i of the matrix is users[i]."""

    items: NDArray[np.int64]
    """Shape (n,). Ascending item numbers; column j is items[j]."""

    strengths: csr_matrix
    """Shape (u, n), float32 in (0, 1]."""


def to_matrix(
    user_numbers: NDArray[np.int64],
    item_numbers: NDArray[np.int64],
    strengths: NDArray[np.float32],
) -> Interactions:
    """Build the matrix of triples that are sorted by user, then item.

    Parameters
    ----------
    user_numbers, item_numbers : array of shape (m,)
        In ascending order of the pair, without repeats.
    strengths : array of shape (m,)
        In (0, 1].
    """
    first = np.flatnonzero(np.diff(user_numbers, prepend=user_numbers[:1] - 1))
    users = user_numbers[first]
    items, columns = np.unique(item_numbers, return_inverse=True)
    starts = np.append(first, len(user_numbers))
    matrix = csr_matrix(
        (strengths, columns.astype(np.int32), starts.astype(np.int32)),
        shape=(len(users), len(items)),
    )
    return Interactions(users=users, items=items, strengths=matrix)
