from __future__ import annotations

import uuid

import uuid_utils
from django.db import models

from catalog.tenancy import TenantModel


def new_id() -> uuid.UUID:
    """Return a UUIDv7: unique, and in order of time."""
    return uuid.UUID(bytes=uuid_utils.uuid7().bytes)


class RunState(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class Run(TenantModel):
    """A piece of long work that somebody can follow, cancel and find again.

    A worker holds a Run by a lease that it renews; whoever takes over an expired one
    raises the fencing token, and writes of the former holder are refused.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=32)
    queue = models.CharField(max_length=16, default="bulk")
    parameters = models.JSONField(default=dict)
    state = models.CharField(
        max_length=9, choices=RunState, default=RunState.QUEUED, db_index=False
    )
    not_before = models.DateTimeField()
    progress = models.FloatField(default=0.0)
    doing = models.CharField(max_length=200, blank=True)
    eta_seconds = models.FloatField(null=True)
    lease_owner = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True)
    fencing_token = models.BigIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    checkpoint = models.JSONField(default=dict)
    # Whoever did the latest attempt: machine and process.
    worker = models.CharField(max_length=100, blank=True)
    # Its newest log lines.
    log = models.JSONField(default=list)
    error = models.TextField(blank=True)
    result = models.JSONField(default=dict)
    result_url = models.CharField(max_length=300, blank=True)
    requested_by = models.CharField(max_length=150, blank=True)
    request_id = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["state", "not_before"],
                condition=models.Q(state__in=["queued", "running"]),
                name="run_open",
            ),
            models.Index(fields=["namespace", "-created_at"], name="run_list_order"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
