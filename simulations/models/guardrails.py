from __future__ import annotations

import pgtrigger
from django.db import models

from catalog.models import Run
from catalog.models.runs import new_id
from catalog.tenancy import TenantModel

from .evaluations import Evaluation
from .scenarios import append_only


class GuardrailVerdict(models.TextChoices):
    """The worst that one check found. Not computed is not kept."""

    KEPT = "kept", "Kept"
    WATCH = "watch", "Watch"
    BROKEN = "broken", "Broken"
    UNKNOWN = "unknown", "Not computed"


class GuardrailCause(models.TextChoices):
    SCHEDULE = "schedule", "By schedule"
    MANUAL = "manual", "On request"
    COMMAND = "command", "By command"


class GuardrailCheck(TenantModel):
    """The guardrails of a namespace at one moment, as stored verdict.

    Whoever raises alerts reads these rows: the newest of a namespace says what is
    broken now, `judged` holds a verdict for each guardrail.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    cause = models.CharField(max_length=8, choices=GuardrailCause)
    verdict = models.CharField(max_length=7, choices=GuardrailVerdict)
    headline = models.TextField()
    states = models.JSONField()
    """Guardrail name to state."""

    judged = models.JSONField()
    requests = models.PositiveIntegerField()
    evaluation = models.ForeignKey(
        Evaluation,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
    )
    configuration_hash = models.BinaryField(max_length=32)
    change_number = models.BigIntegerField()
    samples = models.JSONField(default=list)
    """Ids of some of the decisions that were replayed."""

    run = models.ForeignKey(
        Run,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
    )
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["org", "namespace", "-created_at"],
                name="guardrailcheck_list_order",
            ),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}, {self.created_at:%Y-%m-%d %H:%M}"


class Acknowledgement(TenantModel):
    """Somebody knows that a guardrail is broken and says until when that is borne.

    It silences; it never turns a broken guardrail into a kept one.
    """

    id = models.BigAutoField(primary_key=True)
    guardrail = models.CharField(max_length=60)
    reason = models.TextField()
    until = models.DateTimeField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["org", "namespace", "guardrail", "-at"],
                name="acknowledgement_newest",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.guardrail} until {self.until:%Y-%m-%d}"
