from __future__ import annotations

import pghistory
from django.db import models

from catalog.models.edits import every_edit
from catalog.models.orgs import BYTES
from catalog.tenancy import TenantModel


@pghistory.track(*every_edit(), append_only=True)
class BanditPolicy(TenantModel):
    """A bundle of knobs that bandit calls may choose. It sets only what it holds."""

    id = models.BigAutoField(primary_key=True)
    policy_id = models.TextField(db_collation=BYTES)
    name = models.CharField(max_length=200, blank=True)
    active = models.BooleanField(default=True)
    knobs = models.JSONField(default=dict, blank=True)
    notes = models.TextField(blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "bandit policies"
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "policy_id"],
                name="banditpolicy_org_namespace_policy_id",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.policy_id


class BanditArm(TenantModel):
    """What one policy earned in one bucket of one surface, by one algorithm.

    LinUCB learns over all contexts at once: its bucket is the empty text.
    """

    id = models.BigAutoField(primary_key=True)
    surface = models.TextField(db_collation=BYTES)
    bucket_key = models.TextField(db_collation=BYTES)
    policy_id = models.TextField(db_collation=BYTES)
    algorithm = models.CharField(max_length=16)
    # Decisions whose reward is known, and the sum of their rewards.
    trials = models.BigIntegerField(default=0)
    reward_sum = models.FloatField(default=0.0)
    # LinUCB: ranking.core.bandits.linear.
    sums = models.BinaryField(default=bytes)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "org",
                    "namespace",
                    "surface",
                    "bucket_key",
                    "policy_id",
                    "algorithm",
                ],
                name="banditarm_org_namespace_bucket_policy",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} in {self.bucket_key or 'every bucket'}"


class BanditDecision(TenantModel):
    """One choice of a policy, how likely it was, and what it earned.

    Holds nothing of the user. A reward that was told without a decision has a row too,
    so that it counts once.
    """

    decision_id = models.UUIDField(primary_key=True)
    surface = models.TextField()
    bucket_key = models.TextField()
    policy_id = models.TextField()
    algorithm = models.CharField(max_length=16)
    explore = models.BooleanField(default=False)
    # Chance with which the policy was taken; NULL when nobody knows it.
    propensity = models.FloatField(null=True)
    propensities = models.JSONField(default=dict)
    request_id = models.TextField(blank=True)
    experiment = models.TextField(blank=True)
    variant = models.TextField(blank=True)
    decided_at = models.DateTimeField()
    # The largest reward told so far, in [0, 1]; NULL while none is known.
    reward = models.FloatField(null=True)
    rewarded_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["namespace", "-decided_at", "-decision_id"],
                name="banditdecision_list_order",
            ),
            models.Index(
                fields=["namespace", "request_id"],
                condition=~models.Q(request_id=""),
                name="banditdecision_request",
            ),
            models.Index(
                fields=["namespace", "decided_at"],
                condition=models.Q(reward__isnull=True),
                name="banditdecision_unrewarded",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.decision_id}"
