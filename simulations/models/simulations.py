from __future__ import annotations

from django.db import models

from catalog.models import Run
from catalog.models.runs import new_id
from catalog.tenancy import TenantModel

from .scenarios import append_only


class Verdict(models.TextChoices):
    """How something that was judged stands. Unknown is never a pass."""

    PASSED = "passed", "Passed"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Not computed"


class Simulation(TenantModel):
    """A shop made, measured and judged once: its report never changes.

    A row is kept of every simulation that came to an end, also where a step failed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.CharField(max_length=100)
    batch = models.CharField(max_length=100, blank=True)
    request = models.JSONField()
    verdict = models.CharField(max_length=7, choices=Verdict)
    headline = models.TextField()
    report = models.JSONField()
    folder = models.CharField(max_length=400)
    """Of the bundle, on the machine that made it."""

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
                fields=["org", "namespace", "-created_at"], name="simulation_list_order"
            ),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.customer}, {self.created_at:%Y-%m-%d %H:%M}"
