from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from catalog.models.edits import every_edit
from catalog.models.orgs import BYTES
from catalog.models.runs import new_id
from catalog.tenancy import TenantModel


class RuleState(models.TextChoices):
    """Where a rule stands in its life."""

    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    APPROVED = "approved", "Approved"
    SCHEDULED = "scheduled", "Scheduled"
    LIVE = "live", "Live"
    PAUSED = "paused", "Paused"
    EXPIRED = "expired", "Expired"
    RETIRED = "retired", "Retired"


# What serving is given; whether a window is open it decides for each request.
IN_FORCE = (RuleState.SCHEDULED, RuleState.LIVE)
_SCOPE = ["org", "namespace"]


@pghistory.track(*every_edit(), append_only=True)
class Rule(TenantModel):
    """What a merchandiser wants of a page. Its content stands in its versions.

    The columns repeat, for lists and for finding conflicts, what the version in force
    says; while there is none, what the draft says.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(max_length=9, choices=RuleState, default=RuleState.DRAFT)
    version = models.ForeignKey(
        "rules.RuleVersion",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
    )
    # 0 while no version was published.
    version_number = models.PositiveIntegerField(default=0, editable=False)
    is_override = models.BooleanField(default=False, editable=False)
    name = models.CharField(max_length=200)
    action = models.CharField(max_length=6)
    target_type = models.CharField(max_length=9)
    # Words such as "item:sku-1", "tag:sale": two rules that share one may conflict.
    targets = ArrayField(models.TextField(), default=list)
    surface = models.TextField(db_collation=BYTES)
    segment_id = models.TextField(null=True, db_collation=BYTES)
    priority = models.IntegerField(default=0)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    # Between these two there are gaps: several windows, or recurring ones.
    has_gaps = models.BooleanField(default=False)
    owner = models.CharField(max_length=150)
    review_by = models.DateField(null=True)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=[*_SCOPE, "created_at", "id"], name="rule_list_order"),
            models.Index(fields=[*_SCOPE, "state", "surface"], name="rule_in_force"),
            models.Index(
                fields=[*_SCOPE, "ends_at"],
                condition=models.Q(state__in=IN_FORCE),
                name="rule_ends",
            ),
            GinIndex(fields=["targets"], name="rule_targets"),
        ]

    def __str__(self) -> str:
        return self.name
