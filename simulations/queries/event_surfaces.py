"""On which page people did something, where their events tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from catalog.models import Namespace

_TOLD = """
SELECT id, meta ->> 'surface' FROM catalog_event
WHERE namespace_id = %s AND ts >= %s AND ts <= %s AND meta ->> 'surface' <> ''
ORDER BY id
"""


@dataclass(frozen=True, kw_only=True)
class Told:
    """The events that name a page; entry i of both arrays is the same event."""

    ids: NDArray[np.int64]
    """Ascending."""

    codes: NDArray[np.int64]
    """Which of the names."""

    names: Sequence[str]


def surfaces_between(namespace: Namespace, *, start: datetime, end: datetime) -> Told:
    """Return the pages that events of some time name as ``meta.surface``.

    Called inside the org's scope.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, [namespace.pk, start, end])
        rows = cursor.fetchall()
    names, codes = np.unique([name for _, name in rows], return_inverse=True)
    return Told(
        ids=np.array([key for key, _ in rows], dtype=np.int64),
        codes=codes.astype(np.int64),
        names=names.tolist(),
    )
