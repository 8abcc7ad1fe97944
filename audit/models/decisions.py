from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from catalog.tenancy import TenantModel


class Decision(TenantModel):
    """One answered request: what it is searched by, and its trace.

    Partitioned by day; the primary key in the database is (decision_day, decision_id),
    and the day is the one in the id, so that the id alone finds the row. Items, rules
    and users stand here by number, id or hash and never by foreign key: history does
    not cascade away.
    """

    decision_id = models.UUIDField(primary_key=True)
    decision_day = models.DateField()
    answered_at = models.DateTimeField()
    # The moment that was ranked for, on the namespace's clock.
    at = models.DateTimeField()
    route = models.TextField()
    surface = models.TextField()
    request_id = models.TextField()
    # HMAC of the user id with the org's key of this version; NULL when erased.
    user_hash = models.BinaryField(null=True)
    key_version = models.SmallIntegerField()
    k = models.SmallIntegerField()
    segment = models.TextField(null=True)
    profile = models.TextField()
    profile_version = models.IntegerField()
    model_version = models.TextField()
    snapshot_hash = models.BinaryField()
    change_number = models.BigIntegerField()
    configuration_hash = models.BinaryField()
    engine_version = models.IntegerField()
    rung = models.SmallIntegerField()
    degraded = ArrayField(models.TextField())
    arm = models.TextField(null=True)
    answer_digest = models.BinaryField()
    latency_us = models.IntegerField()
    # Numbers of the items in the answer, best first.
    items = ArrayField(models.BigIntegerField())
    # Numbers of items dropped by rule, override or constraint, at most 32.
    dropped = ArrayField(models.BigIntegerField())
    rule_ids = ArrayField(models.UUIDField())
    override_ids = ArrayField(models.UUIDField())
    # The AuditBatch of this org that vouches for the row.
    batch_number = models.BigIntegerField()
    # audit/core/codec.py. NULL when the namespace samples traces and left it out.
    trace = models.BinaryField(null=True)
    # audit/core/reports.py: JSON for the view rec_decisions. NULL when it is empty.
    report = models.TextField(null=True)

    class Meta:
        # Created by hand in the first migration: Django cannot declare partitions.
        indexes = [
            models.Index(
                fields=["namespace", "-decision_id"], name="decision_list_order"
            ),
            models.Index(
                fields=["namespace", "user_hash", "-decision_id"],
                condition=models.Q(user_hash__isnull=False),
                name="decision_user",
            ),
            models.Index(
                fields=["namespace", "surface", "-decision_id"],
                name="decision_surface",
            ),
            models.Index(
                fields=["namespace", "segment", "-decision_id"],
                condition=models.Q(segment__isnull=False),
                name="decision_segment",
            ),
            models.Index(fields=["namespace", "request_id"], name="decision_request"),
            models.Index(
                fields=["namespace", "-decision_id"],
                condition=~models.Q(degraded=[]),
                name="decision_degraded",
            ),
            models.Index(
                fields=["namespace", "profile", "profile_version", "-decision_id"],
                name="decision_profile",
            ),
            # By prefix in the database (text_pattern_ops): experiment, then variant.
            models.Index(
                fields=["namespace", "arm", "-decision_id"],
                condition=models.Q(arm__isnull=False),
                name="decision_arm",
            ),
            GinIndex(fields=["items"], name="decision_items"),
            GinIndex(fields=["dropped"], name="decision_dropped"),
            GinIndex(fields=["rule_ids"], name="decision_rules"),
            GinIndex(fields=["override_ids"], name="decision_overrides"),
        ]

    def __str__(self) -> str:
        return f"decision {self.decision_id}"


class DecisionPrivate(TenantModel):
    """What was read about the user for a decision. Gone when the user is erased.

    Partitioned like Decision, with the same key.
    """

    decision_id = models.UUIDField(primary_key=True)
    decision_day = models.DateField()
    # audit/core/codec.py: user number, history, traits and context as they were read.
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"private part of decision {self.decision_id}"
