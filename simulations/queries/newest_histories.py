"""What many users did last, in one question."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import numpy as np
from django.db import connection

from catalog.core.moments import microseconds
from catalog.models import Namespace
from ranking.core.request import HISTORY_LIMIT, History

# As `ranking.queries.history` asks for one user.
_HISTORIES = """
SELECT u.user_id, u.id, u.traits::text, h.ids, h.items, h.types, h.amounts, h.moments
FROM catalog_user u
LEFT JOIN LATERAL (
    SELECT array_agg(id) AS ids, array_agg(item_id) AS items,
        array_agg(type) AS types, array_agg(value) AS amounts,
        array_agg(ts) AS moments
    FROM (
        SELECT id, item_id, type, value, ts FROM catalog_event
        WHERE namespace_id = u.namespace_id AND user_id = u.id AND ts <= %s
        ORDER BY ts DESC, item_id DESC, type DESC, value DESC, id DESC LIMIT %s
    ) newest
) h ON true
WHERE u.namespace_id = %s AND u.id = ANY(%s)
ORDER BY u.id
"""


def newest_histories(
    namespace: Namespace, numbers: Sequence[int], *, until: datetime
) -> list[tuple[str, History]]:
    """Return users by their ids, with what serving would read of each.

    Called inside the org's scope. Who is gone is left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HISTORIES, [until, HISTORY_LIMIT, namespace.pk, list(numbers)])
        rows = cursor.fetchall()
    return [
        (
            user_id,
            History(
                event_ids=np.array(ids or [], dtype=np.int64),
                numbers=np.array(items or [], dtype=np.int64),
                types=np.array(types or [], dtype=np.int16),
                values=np.array(amounts or [], dtype=np.float64),
                ts_us=np.array(
                    [microseconds(each) for each in moments or []], dtype=np.int64
                ),
                user_number=number,
                known=True,
                traits=msgspec.json.decode(traits) if traits else {},
            ),
        )
        for user_id, number, traits, ids, items, types, amounts, moments in rows
    ]
