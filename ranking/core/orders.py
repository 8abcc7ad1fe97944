"""Orders that a snapshot keeps so that a request need not sort."""

from __future__ import annotations

import numpy as np

from .columns import F32, F64, I32, I64, Blob


def rank_ids(ids: Blob) -> tuple[I32, I32]:
    """Rank external ids in UTF-8 byte order.

    Returns
    -------
    id_rank : array of shape (n,)
        Place of each row.
    id_order : array of shape (n,)
        Row at each place.

    Examples
    --------
    >>> rank, order = rank_ids(Blob.pack([b"b", b"c", b"a"]))
    >>> rank.tolist(), order.tolist()
    ([1, 2, 0], [2, 0, 1])
    """
    texts = [ids.at(row) for row in range(len(ids))]
    id_order = np.array(sorted(range(len(texts)), key=texts.__getitem__), np.int32)
    id_rank = np.empty_like(id_order)
    id_rank[id_order] = np.arange(len(id_order), dtype=np.int32)
    return id_rank, id_order


def popular_first(popularity: F64 | F32, *, id_rank: I32) -> I32:
    """Return all rows, most popular first, ties by id.

    >>> popular_first(np.array([1.0, 3.0, 1.0]), id_rank=np.array([2, 1, 0])).tolist()
    [1, 2, 0]
    """
    return np.lexsort((id_rank, -popularity)).astype(np.int32)


def popular_first_by_group(
    groups: I32, rows: I32, *, popularity_order: I32, n_groups: int
) -> tuple[I64, I32]:
    """Order the members of each group like the whole catalog.

    Parameters
    ----------
    groups : array of shape (m,)
        Group of each membership, -1 for none. A row may be in several.
    rows : array of shape (m,)
        Item row of each membership.
    popularity_order : array of shape (n,)
        All rows, most popular first.
    n_groups : int

    Returns
    -------
    starts : array of shape (n_groups + 1,)
    order : array of shape (number of memberships,)

    Examples
    --------
    >>> starts, order = popular_first_by_group(
    ...     np.array([1, 0, 1]), np.array([0, 1, 2]),
    ...     popularity_order=np.array([2, 1, 0]), n_groups=2,
    ... )
    >>> starts.tolist(), order.tolist()
    ([0, 1, 3], [1, 2, 0])
    """
    place = np.empty(len(popularity_order), dtype=np.int32)
    place[popularity_order] = np.arange(len(popularity_order), dtype=np.int32)
    member = groups >= 0
    groups, rows = groups[member], rows[member]
    order = np.lexsort((place[rows], groups))
    sizes = np.bincount(groups, minlength=n_groups)
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    return starts, rows[order].astype(np.int32)
