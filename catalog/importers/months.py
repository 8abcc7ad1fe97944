from __future__ import annotations

import logging
from datetime import date

import numpy as np
from django.db import OperationalError
from numpy.typing import NDArray

from catalog.operations.partitions import ensure_event_partitions

log = logging.getLogger(__name__)


def make_room(ts_us: NDArray[np.int64], *, known: set[date]) -> None:
    """Give the months of some events partitions, so that no row must move later.

    Called outside any transaction. `known` are the months seen to before; it grows.
    """
    stamps = ts_us.astype("datetime64[us]").astype("datetime64[M]")
    for month in np.unique(stamps).astype("datetime64[D]").tolist():
        if month not in known:
            known.add(month)
            _ensure(month)


def _ensure(month: date) -> None:
    try:
        ensure_event_partitions(month, month)
    except OperationalError as error:
        # Others are busy with events. Its rows wait in DEFAULT until a task moves them.
        log.warning("The month %s has no partition yet: %s", month, error)
