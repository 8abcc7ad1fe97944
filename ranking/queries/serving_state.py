"""What serving obeys now: the live build, the configuration, and the changes since."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg.pq.abc import PGresult

from .binary import blobs, integer, moment_us
from .conversation import Statement
from .round_trip import Question

# A deletion larger than the feed holds says no names: nothing older may be served.
NAMELESS_DELETION = 5_000

# One statement, so that all of it is of one moment.
# $1 namespace, $2 hash of the snapshot in hand, $3 change up to which it was brought,
# $4 hash of the configuration in hand, $5 most nameless deletions, $6 change from which
# on changes were folded into the snapshot in hand.
READ_STATE = Statement("""
WITH live AS (
    SELECT snapshot_hash, change_number, coalesce((counts->>'events')::bigint, 0) events
    FROM ranking_signalbuild
    WHERE org_id = current_setting('recsys.org_id')::uuid
        AND namespace_id = $1::bigint AND state = 'live'
), deleted AS (
    SELECT sum(count) AS events, max(number) FILTER (
        WHERE count > $5::int AND ids = '{}'
    ) AS emptied
    FROM catalog_change
    WHERE org_id = current_setting('recsys.org_id')::uuid
        AND namespace_id = $1::bigint AND kind = 'deleted'
        AND number > coalesce((SELECT change_number FROM live), 0)
), base AS (
    SELECT
        CASE WHEN emptied IS NULL THEN snapshot_hash END AS snapshot_hash,
        coalesce(emptied, change_number, 0) AS number,
        live.events AS built_events, deleted.events AS deleted_events
    FROM deleted LEFT JOIN live ON true
), news AS (
    SELECT number, rows FROM catalog_change
    WHERE org_id = current_setting('recsys.org_id')::uuid
        AND namespace_id = $1::bigint AND kind = 'items'
        AND number > (
            SELECT CASE
                WHEN coalesce(snapshot_hash, '') = $2::bytea AND number = $6::bigint
                THEN greatest($3::bigint, number) ELSE number END FROM base
        )
), config AS (
    SELECT c.content_hash, c.document, p.change_number
    FROM ranking_publication p JOIN ranking_servingconfig c ON c.id = p.config_id
    WHERE p.org_id = current_setting('recsys.org_id')::uuid
        AND p.namespace_id = $1::bigint
    ORDER BY p.change_number DESC LIMIT 1
)
SELECT n.change_number, n.clock, n.newest_event_at,
    base.snapshot_hash, base.number, base.built_events, base.deleted_events,
    config.content_hash,
    CASE WHEN config.content_hash <> $4::bytea THEN config.document END,
    (
        SELECT max(number) > coalesce(config.change_number, -1) FROM catalog_change
        WHERE org_id = n.org_id AND namespace_id = n.id AND kind = 'configuration'
    ),
    (SELECT array_agg(rows ORDER BY number) FROM news),
    (
        SELECT min(at) FROM catalog_change
        WHERE org_id = n.org_id AND namespace_id = n.id AND kind = 'configuration'
            AND number > $3::bigint
    )
FROM catalog_namespace n
CROSS JOIN base
LEFT JOIN config ON true
WHERE n.org_id = current_setting('recsys.org_id')::uuid AND n.id = $1::bigint
""")

_NO_HASH = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingState:
    """A namespace at one change number, as far as serving is concerned."""

    change_number: int
    clock: str
    newest_event_us: int | None
    snapshot_hash: bytes
    """Empty while there is no build, or none that may be served any more."""
    base_number: int
    """The change from which on items are to be folded in."""
    built_events: int
    deleted_events: int
    """Events deleted since the build; also large deletions of items."""
    configuration_hash: bytes
    """Empty while nothing was ever published."""
    document: bytes | None
    """The configuration, unless it is the one in hand."""
    is_unpublished: bool
    """Whether settings changed that the configuration does not hold yet."""
    item_changes: tuple[bytes | None, ...]
    """Packed item states of each change since, oldest first; None for one too large."""
    configured_us: int | None = None
    """When settings first changed after the change in hand; None: they did not."""


GONE = ServingState(
    change_number=0,
    clock="wall",
    newest_event_us=None,
    snapshot_hash=_NO_HASH,
    base_number=0,
    built_events=0,
    deleted_events=0,
    configuration_hash=_NO_HASH,
    document=None,
    is_unpublished=False,
    item_changes=(),
)
"""The state of a namespace that does not exist (any more)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InHand:
    """What a process has already, so that it is not sent again."""

    snapshot_hash: bytes = b""
    base_number: int = -1
    change_number: int = 0
    configuration_hash: bytes = b""


def question(namespace_id: int, in_hand: InHand) -> Question:
    return READ_STATE, (
        b"%d" % namespace_id,
        b"\\x" + in_hand.snapshot_hash.hex().encode(),
        b"%d" % in_hand.change_number,
        b"\\x" + in_hand.configuration_hash.hex().encode(),
        b"%d" % NAMELESS_DELETION,
        b"%d" % in_hand.base_number,
    )


def read(result: PGresult) -> ServingState | None:
    """Turn the answer into a value; None when the namespace is gone."""
    if result.ntuples == 0:
        return None
    newest = result.get_value(0, 2)
    return ServingState(
        change_number=integer(result, 0) or 0,
        clock=(result.get_value(0, 1) or b"").decode(),
        newest_event_us=None if newest is None else moment_us(result, 2),
        snapshot_hash=result.get_value(0, 3) or _NO_HASH,
        base_number=integer(result, 4) or 0,
        built_events=integer(result, 5) or 0,
        deleted_events=integer(result, 6) or 0,
        configuration_hash=result.get_value(0, 7) or _NO_HASH,
        document=result.get_value(0, 8),
        is_unpublished=result.get_value(0, 9) == b"\x01",
        item_changes=tuple(blobs(result, 10)),
        configured_us=moment_us(result, 11),
    )
