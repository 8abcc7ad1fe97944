from __future__ import annotations

from importlib import import_module

from django.db import migrations, models

_BEFORE = import_module("audit.migrations.0003_decision_search").VIEW

# For reports: the column names of the old contract. Whoever reads says whose rows with
# `SET recsys.org_id`; who says nothing, or somebody else, sees none. `report` holds as
# columns what stands in the compressed trace (audit/core/reports.py); OFFSET 0 keeps
# PostgreSQL from reading it anew for each value.
_TOLD = "(SELECT decision.report::jsonb AS told OFFSET 0) AS report"
_SHOWN = """
unnest(decision.items) WITH ORDINALITY AS shown (number, rank)
LEFT JOIN catalog_item AS item
    ON item.id = shown.number AND item.org_id = decision.org_id
"""
_PLACE = "(shown.rank - 1)::int"
_SEEN = ", ".join(
    f"'{name}', report.told #> ARRAY['mmr', '{name}', {_PLACE}::text]"
    for name in (
        *("pick_index", "relevance", "max_sim", "penalty"),
        *("brand_cap_hit", "category_cap_hit"),
    )
)
VIEW = f"""
CREATE VIEW rec_decisions WITH (security_barrier = true, security_invoker = true) AS
SELECT
    decision.decision_id,
    decision.org_id,
    decision.answered_at AS ts,
    namespace.name AS namespace,
    decision.surface,
    decision.request_id,
    encode(decision.user_hash, 'hex') AS user_hash,
    decision.k,
    decision.report::jsonb -> 'constraints' AS constraints,
    jsonb_build_object(
        'profile_id', decision.profile,
        'profile_version', decision.profile_version,
        'configuration_hash', encode(decision.configuration_hash, 'hex')
    ) AS effective_config,
    CASE WHEN decision.arm IS NOT NULL
        THEN jsonb_build_object('arm', decision.arm) END AS bandit,
    (
        SELECT jsonb_agg(
            jsonb_build_object(
                'item_id', item.item_id,
                'number', candidate.number,
                'score', candidate.score
            ) ORDER BY candidate.rank
        )
        FROM {_TOLD}
        CROSS JOIN LATERAL ROWS FROM (
            jsonb_array_elements(report.told #> '{{candidates,number}}'),
            jsonb_array_elements(report.told #> '{{candidates,score}}')
        ) WITH ORDINALITY AS candidate (number, score, rank)
        LEFT JOIN catalog_item AS item
            ON item.id = candidate.number::bigint AND item.org_id = decision.org_id
    ) AS candidates_pre,
    (
        SELECT jsonb_agg(
            jsonb_build_object('item_id', item.item_id, 'rank', shown.rank)
            ORDER BY shown.rank
        )
        FROM {_SHOWN}
    ) AS final_items,
    (
        SELECT jsonb_agg(
            jsonb_strip_nulls(jsonb_build_object('item_id', item.item_id, {_SEEN}))
            ORDER BY shown.rank
        )
        FROM {_TOLD} CROSS JOIN {_SHOWN}
        WHERE (report.told #>> ARRAY['mmr', 'pick_index', {_PLACE}::text]) IS NOT NULL
    ) AS mmr_info,
    (
        SELECT jsonb_object_agg(
            coalesce(item.item_id, shown.number::text),
            jsonb_strip_nulls(jsonb_build_object(
                'brand', report.told #> ARRAY['caps', 'brand', {_PLACE}::text],
                'category', report.told #> ARRAY['caps', 'category', {_PLACE}::text]
            ))
        )
        FROM {_TOLD} CROSS JOIN {_SHOWN}
        WHERE coalesce(
            report.told #>> ARRAY['caps', 'brand', {_PLACE}::text],
            report.told #>> ARRAY['caps', 'category', {_PLACE}::text]
        ) IS NOT NULL
    ) AS caps,
    jsonb_build_object(
        'model_version', decision.model_version,
        'duration_ms', decision.latency_us / 1000.0,
        'segment_id', decision.segment,
        'profile_id', decision.profile,
        'degraded', to_jsonb(decision.degraded),
        'rule_ids', to_jsonb(decision.rule_ids),
        'override_ids', to_jsonb(decision.override_ids),
        'answer_digest', encode(decision.answer_digest, 'hex')
    ) AS extras,
    decision.decision_day
FROM audit_decision AS decision
JOIN catalog_namespace AS namespace
    ON namespace.id = decision.namespace_id AND namespace.org_id = decision.org_id
WHERE decision.org_id = NULLIF(current_setting('recsys.org_id', true), '')::uuid
"""  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0005_tamper_evidence"),
        ("catalog", "0001_initial"),
    ]

    operations = [
        migrations.AddField("decision", "report", models.TextField(null=True)),
        migrations.RunSQL(
            f"DROP VIEW rec_decisions; {VIEW}", f"DROP VIEW rec_decisions; {_BEFORE}"
        ),
    ]
