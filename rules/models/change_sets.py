from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models

from catalog.models.edits import every_edit
from catalog.models.runs import new_id
from catalog.tenancy import TenantModel

from .rules import Rule
from .versions import ENDING, Source, Verb


class ChangeSetState(models.TextChoices):
    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    APPROVED = "approved", "Approved"
    PUBLISHED = "published", "Published"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"
    ROLLED_BACK = "rolled_back", "Rolled back"


@pghistory.track(*every_edit(), append_only=True)
class ChangeSet(TenantModel):
    """Changes of rules that are checked, approved, published and undone as one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=200)
    reason = models.TextField()
    state = models.CharField(
        max_length=11, choices=ChangeSetState, default=ChangeSetState.DRAFT
    )
    # A single change by a direct call: its check is the quick one.
    is_direct = models.BooleanField(default=False, editable=False)
    source = models.CharField(max_length=6, choices=Source)
    rolls_back = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="rollbacks",
        editable=False,
    )
    author = models.CharField(max_length=150)
    # Such as "staff:7" or "key:3": names may be shared, these are not.
    author_identity = models.CharField(max_length=80)
    # Identities of all whose work is in it: none of them is the second pair of eyes.
    contributors = ArrayField(models.CharField(max_length=80), default=list)
    # Why a blocking guardrail was overruled.
    overruled_because = models.TextField(blank=True)
    published_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["org", "namespace", "created_at", "id"],
                name="changeset_list_order",
            ),
            models.Index(fields=["org", "namespace", "state"], name="changeset_state"),
        ]

    def __str__(self) -> str:
        return self.title


@pghistory.track(*every_edit(), append_only=True)
class ChangeSetItem(TenantModel):
    """What a change set makes of one rule: the draft of its next version."""

    id = models.BigAutoField(primary_key=True)
    change_set = models.ForeignKey(
        ChangeSet, on_delete=models.CASCADE, related_name="items"
    )
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="drafts")
    verb = models.CharField(max_length=9, choices=Verb, default=Verb.PUBLISH)
    content = models.JSONField()
    # The version on which the draft was begun; 0 for a rule that had none.
    base_number = models.PositiveIntegerField(default=0)
    author = models.CharField(max_length=150)
    author_identity = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "change_set", "rule"],
                name="changesetitem_org_namespace_set_rule",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} {self.rule_id}"

    @property
    def ends_rule(self) -> bool:
        return self.verb in ENDING
