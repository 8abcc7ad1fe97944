"""What serving obeys now: the live build, the configuration, and the changes since."""

from __future__ import annotations

from .conversation import Statement

# The most items that changes since the snapshot may bring; removals count without end.
MAX_OVERLAY_ITEMS = 20_000

# One statement, so that all of it is of one moment.
# $1 namespace, $2 hash of the snapshot in hand, $3 change up to which it was brought,
# $4 hash of the configuration in hand.
READ_STATE = Statement("""
WITH live AS (
    SELECT id, snapshot_hash, change_number FROM ranking_signalbuild
    WHERE org_id = current_setting('recsys.org_id')::uuid
        AND namespace_id = $1::bigint AND state = 'live'
), emptied AS (
    -- A deletion too large to name its items: nothing older may be served.
    SELECT max(number) AS number FROM catalog_change
    WHERE org_id = current_setting('recsys.org_id')::uuid
        AND namespace_id = $1::bigint AND kind = 'deleted' AND rows IS NULL
        AND number > coalesce((SELECT change_number FROM live), 0)
), base AS (
    SELECT
        CASE WHEN emptied.number IS NULL THEN live.snapshot_hash END AS snapshot_hash,
        coalesce(emptied.number, live.change_number, 0) AS number
    FROM emptied LEFT JOIN live ON true
), news AS (
    SELECT number, kind, count, rows,
        sum(CASE WHEN rows IS NULL THEN 0 ELSE count END) OVER (ORDER BY number) AS total
    FROM catalog_change
    WHERE org_id = current_setting('recsys.org_id')::uuid
        AND namespace_id = $1::bigint AND kind IN ('items', 'deleted')
        AND number > (
            SELECT CASE WHEN coalesce(snapshot_hash, '') = $2::bytea
                THEN greatest($3::bigint, number) ELSE number END FROM base
        )
), config AS (
    SELECT c.content_hash, c.document, p.change_number
    FROM ranking_publication p JOIN ranking_servingconfig c ON c.id = p.config_id
    WHERE p.org_id = current_setting('recsys.org_id')::uuid
        AND p.namespace_id = $1::bigint
    ORDER BY p.change_number DESC LIMIT 1
)
SELECT n.change_number, n.clock, n.newest_event_at, base.snapshot_hash, base.number,
    config.content_hash,
    CASE WHEN config.content_hash <> $4::bytea THEN config.document END,
    (SELECT array_agg(number ORDER BY number) FROM news),
    (SELECT array_agg(rows ORDER BY number) FROM news)
FROM catalog_namespace n
LEFT JOIN base ON true
LEFT JOIN config ON true
WHERE n.org_id = current_setting('recsys.org_id')::uuid AND n.id = $1::bigint
""")
