from __future__ import annotations

import pgtrigger
from django.db import models

from catalog.models import Run
from catalog.models.runs import new_id
from catalog.tenancy import TenantModel


def append_only() -> pgtrigger.Protect:
    return pgtrigger.Protect(
        name="append_only", operation=pgtrigger.Update | pgtrigger.Delete
    )


class ScenarioRun(TenantModel):
    """One playing of a suite of scenarios, with the evidence of each."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.CharField(max_length=100, blank=True)
    request = models.JSONField()
    headline = models.TextField()
    passed = models.PositiveIntegerField()
    total = models.PositiveIntegerField()
    results = models.JSONField()
    run = models.ForeignKey(
        Run,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
    )
    requested_by = models.CharField(max_length=150, blank=True)
    duration_seconds = models.FloatField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["org", "namespace", "-created_at"],
                name="scenariorun_list_order",
            ),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.passed} of {self.total} scenarios"
