from __future__ import annotations

from django.db import migrations, models

INDEXES = """
CREATE INDEX decision_profile
    ON audit_decision (namespace_id, profile, profile_version, decision_id DESC);
CREATE INDEX decision_arm
    ON audit_decision (namespace_id, arm text_pattern_ops, decision_id DESC)
    WHERE arm IS NOT NULL;
"""
NO_INDEXES = "DROP INDEX decision_profile; DROP INDEX decision_arm;"

# For reports: the column names of the old contract. Whoever reads says whose rows with
# `SET recsys.org_id`; who says nothing, or somebody else, sees none. What only the
# compressed trace holds is NULL here and stands in the export.
VIEW = """
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
    NULL::jsonb AS constraints,
    jsonb_build_object(
        'profile_id', decision.profile,
        'profile_version', decision.profile_version,
        'configuration_hash', encode(decision.configuration_hash, 'hex')
    ) AS effective_config,
    CASE WHEN decision.arm IS NOT NULL
        THEN jsonb_build_object('arm', decision.arm) END AS bandit,
    NULL::jsonb AS candidates_pre,
    (
        SELECT jsonb_agg(
            jsonb_build_object('item_id', item.item_id, 'rank', shown.rank)
            ORDER BY shown.rank
        )
        FROM unnest(decision.items) WITH ORDINALITY AS shown (number, rank)
        LEFT JOIN catalog_item AS item
            ON item.id = shown.number AND item.org_id = decision.org_id
    ) AS final_items,
    NULL::jsonb AS mmr_info,
    NULL::jsonb AS caps,
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
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_edit"),
        ("catalog", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(INDEXES, NO_INDEXES)],
            state_operations=[
                migrations.AddIndex(
                    model_name="decision",
                    index=models.Index(
                        fields=[
                            "namespace",
                            "profile",
                            "profile_version",
                            "-decision_id",
                        ],
                        name="decision_profile",
                    ),
                ),
                migrations.AddIndex(
                    model_name="decision",
                    index=models.Index(
                        fields=["namespace", "arm", "-decision_id"],
                        condition=models.Q(arm__isnull=False),
                        name="decision_arm",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(VIEW, "DROP VIEW rec_decisions"),
    ]
