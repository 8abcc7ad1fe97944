"""What one user did last and is: the one thing read anew for every request."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg.pq.abc import PGresult

from ranking.core.request import HISTORY_LIMIT, History

from .binary import YEAR_2000_US, integer, numbers
from .conversation import Statement
from .round_trip import Question

# $1 namespace, $2 user id, $3 newest moment (Unix microseconds), $4 how many. Events
# of equal time come in an order of their own, not in that in which they arrived.
READ_HISTORY = Statement("""
SELECT u.id, u.traits::text, h.ids, h.items, h.types, h.amounts, h.moments
FROM catalog_user u
LEFT JOIN LATERAL (
    SELECT array_agg(id) AS ids, array_agg(item_id) AS items,
        array_agg(type) AS types, array_agg(value) AS amounts,
        array_agg(ts) AS moments
    FROM (
        SELECT id, item_id, type, value, ts FROM catalog_event
        WHERE namespace_id = $1 AND user_id = u.id
            AND ts <= to_timestamp($3::bigint / 1000000.0)
        ORDER BY ts DESC, item_id DESC, type DESC, value DESC, id DESC LIMIT $4
    ) newest
) h ON true
WHERE u.org_id = current_setting('recsys.org_id')::uuid
    AND u.namespace_id = $1 AND u.user_id = $2
""")

_NOTHING = History.anonymous()
_decode_traits = msgspec.json.Decoder(dict[str, Any]).decode


def question(*, namespace_id: int, user_id: str, until_us: int) -> Question:
    number, until = b"%d" % namespace_id, b"%d" % until_us
    return READ_HISTORY, (number, user_id.encode(), until, b"%d" % HISTORY_LIMIT)


def read(result: PGresult) -> History:
    """Turn the answer to :func:`question` into the value that ranking takes."""
    if result.ntuples == 0:
        return _NOTHING
    traits = result.get_value(0, 1)
    return History(
        event_ids=numbers(result, 2, kind="i8"),
        numbers=numbers(result, 3, kind="i8"),
        types=numbers(result, 4, kind="i2"),
        values=numbers(result, 5, kind="f8"),
        ts_us=numbers(result, 6, kind="i8") + YEAR_2000_US,
        user_number=integer(result, 0),
        known=True,
        traits=_decode_traits(traits) if traits else {},
    )
