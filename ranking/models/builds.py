from __future__ import annotations

from django.db import models

from catalog.models import Run
from catalog.models.runs import new_id
from catalog.tenancy import TenantModel


class BuildState(models.TextChoices):
    """Where a build stands; at most one of a namespace is live."""

    BUILDING = "building", "Building"
    READY = "ready", "Ready"
    HELD = "held", "Held back"
    LIVE = "live", "Live"
    SUPERSEDED = "superseded", "Superseded"
    FAILED = "failed", "Failed"
    COLLECTED = "collected", "Files collected"


class SignalBuild(TenantModel):
    """The manifest of one build of the signals, as of one moment."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(
        max_length=10, choices=BuildState, default=BuildState.BUILDING
    )
    snapshot_hash = models.BinaryField(max_length=32, null=True)
    change_number = models.BigIntegerField(default=0)
    as_of = models.DateTimeField()
    last_event_id = models.BigIntegerField(default=0)
    source_from = models.DateTimeField(null=True)
    source_to = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    manifest = models.JSONField(default=dict)
    seeds = models.JSONField(default=dict)
    duration_seconds = models.FloatField(null=True)
    bytes = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)
    guard = models.JSONField(default=dict)
    """What its lists came to beside the guardrails, and who overruled that and why."""

    run = models.ForeignKey(
        Run,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="builds",
    )
    created_at = models.DateTimeField()
    live_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace"],
                condition=models.Q(state="live"),
                name="signalbuild_one_live",
            ),
        ]
        indexes = [
            models.Index(
                fields=["org", "namespace", "-created_at"],
                name="signalbuild_list_order",
            ),
        ]

    def __str__(self) -> str:
        return f"signals as of {self.as_of:%Y-%m-%d %H:%M:%S}"
