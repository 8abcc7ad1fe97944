from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models

from catalog.tenancy import TenantModel


class Source(models.TextChoices):
    """The door through which a change came in."""

    UI = "ui", "Admin"
    API = "api", "API"
    IMPORT = "import", "Import"
    JOB = "job", "Job"


class Verb(models.TextChoices):
    """What a version did to its rule."""

    PUBLISH = "publish", "published"
    PAUSE = "pause", "paused"
    RESUME = "resume", "resumed"
    RETIRE = "retire", "retired"
    SUPERSEDE = "supersede", "superseded"
    ROLL_BACK = "roll_back", "rolled back"


ENDING = (Verb.RETIRE, Verb.SUPERSEDE)


@pghistory.track(pghistory.InsertEvent(), append_only=True, exclude=["content"])
class RuleVersion(TenantModel):
    """What a rule said from a publication on: all of it, never changed."""

    id = models.BigAutoField(primary_key=True)
    rule = models.ForeignKey(
        "rules.Rule", on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField()
    verb = models.CharField(max_length=9, choices=Verb)
    content = models.JSONField()
    content_hash = models.BinaryField(max_length=32)
    change_set = models.ForeignKey(
        "rules.ChangeSet", on_delete=models.PROTECT, related_name="versions"
    )
    author = models.CharField(max_length=150)
    approver = models.CharField(max_length=150, blank=True)
    reason = models.TextField()
    source = models.CharField(max_length=6, choices=Source)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "rule", "number"],
                name="ruleversion_org_namespace_rule_number",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"
