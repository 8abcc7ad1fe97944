"""The snapshot of a namespace that has none."""

from __future__ import annotations

import numpy as np

from .columns import NO_ROWS, Blob, Sparse, Words
from .projection import PROJECTED_DIMENSIONS
from .snapshot import Snapshot
from .vectors import Vectors


def empty_snapshot(*, change_number: int = 0) -> Snapshot:
    """Return a snapshot without items, on which an overlay can lie.

    Parameters
    ----------
    change_number : int
        Changes up to this one are taken as contained.

    Examples
    --------
    >>> len(empty_snapshot())
    0
    """
    starts = np.zeros(1, dtype=np.int64)
    codes = np.empty(0, dtype=np.int32)
    words = Words.build(())
    lists = Sparse.empty()
    return Snapshot(
        content_hash=b"",
        as_of_us=0,
        change_number=change_number,
        last_event_id=0,
        manifest={},
        numbers=NO_ROWS,
        ids=Blob.pack(()),
        id_rank=codes,
        id_order=codes,
        brands=words,
        brand=codes,
        categories=words,
        category=codes,
        category_parent=codes,
        tags=words,
        tag_starts=starts,
        tag_codes=codes,
        available=np.empty(0, dtype=np.bool_),
        stock=codes,
        standing=np.empty(0, dtype=np.uint8),
        price=np.empty(0),
        margin=np.empty(0, dtype=np.float32),
        novelty=np.empty(0, dtype=np.float32),
        created_us=NO_ROWS,
        long_tail=np.empty(0, dtype=np.bool_),
        popularity=np.empty(0),
        popularity_order=codes,
        category_order_starts=starts,
        category_order=codes,
        tag_order_starts=starts,
        tag_order=codes,
        segment_names=words,
        segment_popularity=lists,
        covisitation=lists,
        session=lists,
        ease=lists,
        factors=Vectors.empty(),
        factor_gram=np.empty((0, 0)),
        factor_alpha=0.0,
        content=Vectors.empty(PROJECTED_DIMENSIONS),
        users=NO_ROWS,
        repeat=lists,
        bought=lists,
    )
