from __future__ import annotations

from django.db import models

from catalog.models import Run
from catalog.models.runs import new_id
from catalog.tenancy import TenantModel


class Sweep(TenantModel):
    """A search for a better profile. What it does is its spec; its trials are rows."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200, blank=True)
    spec = models.JSONField()
    # What the trials start from: a profile and its document as they were then.
    profile = models.CharField(max_length=100)
    profile_version = models.PositiveIntegerField(default=0)
    document = models.JSONField(default=dict)
    limits = models.JSONField(default=dict)
    budget = models.PositiveIntegerField()
    # Set by the first worker; another that sees other data stops instead of mixing.
    fingerprint = models.CharField(max_length=64, blank=True)
    counts = models.JSONField(default=dict)
    is_paused = models.BooleanField(default=False)
    run = models.ForeignKey(
        Run,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="sweeps",
    )
    outcome = models.JSONField(default=dict)
    requested_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["org", "namespace", "-created_at"], name="sweep_list_order"
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"sweep of {self.created_at:%Y-%m-%d %H:%M}"


class TrialState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    LEASED = "leased", "At work"
    DONE = "done", "Done"
    PRUNED = "pruned", "Ended early"
    FAILED = "failed", "Failed"


OVER = (TrialState.DONE, TrialState.PRUNED, TrialState.FAILED)


class Trial(TenantModel):
    """One point of a sweep's space, and how it did.

    A worker holds a trial by a lease. Whoever takes over an expired one raises the
    fencing token, and what the former holder still writes is refused: no trial counts
    twice.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sweep = models.ForeignKey(Sweep, on_delete=models.CASCADE, related_name="trials")
    number = models.PositiveIntegerField()
    values = models.JSONField(default=dict)
    expected = models.JSONField(default=dict)
    state = models.CharField(
        max_length=7, choices=TrialState, default=TrialState.WAITING, db_index=False
    )
    lease_owner = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True)
    fencing_token = models.BigIntegerField(default=0)
    # Figures with a part of the users, by which a bad trial ends early.
    early = models.JSONField(default=dict)
    metrics = models.JSONField(default=dict)
    intervals = models.JSONField(default=dict)
    segments = models.JSONField(default=dict)
    verdicts = models.JSONField(default=list)
    # Above 0: a guardrail is broken, by that part of its limit.
    violation = models.FloatField(null=True)
    examples = models.JSONField(default=list)
    error = models.TextField(blank=True)
    seconds = models.FloatField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "sweep", "number"],
                name="trial_org_namespace_sweep_number",
            ),
        ]
        indexes = [
            models.Index(
                fields=["sweep", "number"],
                condition=models.Q(state__in=["waiting", "leased"]),
                name="trial_open",
            ),
        ]

    def __str__(self) -> str:
        return f"trial {self.number}"
