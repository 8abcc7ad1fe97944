from __future__ import annotations

import pghistory
from django.db import models

from catalog.models.edits import every_edit
from catalog.models.orgs import BYTES
from catalog.tenancy import TenantModel


@pghistory.track(*every_edit(), append_only=True)
class SegmentProfile(TenantModel):
    """A bundle of knobs for the users of a segment. It sets only what it holds."""

    id = models.BigAutoField(primary_key=True)
    profile_id = models.TextField(db_collation=BYTES)
    description = models.TextField(blank=True)
    knobs = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "profile_id"],
                name="segmentprofile_org_namespace_profile_id",
            ),
        ]

    def __str__(self) -> str:
        return self.profile_id


@pghistory.track(*every_edit(), append_only=True)
class Segment(TenantModel):
    """A kind of user, recognised by its rules. Of several the highest priority wins.

    A segment without rules matches everyone.
    """

    id = models.BigAutoField(primary_key=True)
    segment_id = models.TextField(db_collation=BYTES)
    name = models.CharField(max_length=200, blank=True)
    priority = models.IntegerField(default=0)
    active = models.BooleanField(default=True)
    profile = models.ForeignKey(
        SegmentProfile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="segments",
    )
    description = models.TextField(blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "segment_id"],
                name="segment_org_namespace_segment_id",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.segment_id


@pghistory.track(*every_edit(), append_only=True)
class SegmentRule(TenantModel):
    """One condition in the rule language; the rules of a segment are alternatives."""

    id = models.BigAutoField(primary_key=True)
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="rules")
    rule = models.JSONField()
    enabled = models.BooleanField(default=True)
    description = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["org", "namespace", "segment", "id"], name="segmentrule_segment"
            ),
        ]

    def __str__(self) -> str:
        return self.description or f"rule {self.pk}"
