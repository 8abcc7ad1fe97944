"""What a change set must have passed before it is published."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models

from catalog.models.runs import new_id
from catalog.tenancy import TenantModel

from .change_sets import ChangeSet


def _append_only() -> pgtrigger.Protect:
    return pgtrigger.Protect(
        name="append_only", operation=pgtrigger.Update | pgtrigger.Delete
    )


class CheckKind(models.TextChoices):
    QUICK = "quick", "Quick"
    FULL = "full", "Full"


class CheckVerdict(models.TextChoices):
    PASSED = "passed", "Passed"
    BLOCKED = "blocked", "Blocked by a guardrail"
    # Too few decisions to replay. Enough where no forecast is asked for.
    UNKNOWN = "unknown", "Not computed"


class ChangeCheck(TenantModel):
    """A stored verdict on one content of a change set under one configuration."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    change_set = models.ForeignKey(
        ChangeSet, on_delete=models.PROTECT, related_name="checks"
    )
    kind = models.CharField(max_length=5, choices=CheckKind)
    content_hash = models.BinaryField(max_length=32)
    configuration_hash = models.BinaryField(max_length=32)
    verdict = models.CharField(max_length=7, choices=CheckVerdict)
    findings = models.JSONField(default=list)
    report = models.JSONField(default=dict)
    requested_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["org", "namespace", "change_set", "-created_at"],
                name="changecheck_newest",
            ),
        ]
        triggers = [_append_only()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} check: {self.get_verdict_display()}"


class ApprovalVerdict(models.TextChoices):
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"


@pghistory.track(pghistory.InsertEvent(), append_only=True)
class Approval(TenantModel):
    """What a second person said of one content of a change set."""

    id = models.BigAutoField(primary_key=True)
    change_set = models.ForeignKey(
        ChangeSet, on_delete=models.PROTECT, related_name="approvals"
    )
    verdict = models.CharField(max_length=8, choices=ApprovalVerdict)
    content_hash = models.BinaryField(max_length=32)
    approver = models.CharField(max_length=150)
    approver_identity = models.CharField(max_length=80)
    comment = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["org", "namespace", "change_set", "id"], name="approval_newest"
            ),
        ]
        triggers = [_append_only()]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} by {self.approver}"
