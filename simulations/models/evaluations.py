from __future__ import annotations

from django.db import models

from catalog.models import Run
from catalog.models.runs import new_id
from catalog.tenancy import TenantModel


class Evaluation(TenantModel):
    """How well one configuration ranks what users then chose, as measured once.

    A row is kept of an evaluation that came to its end, and is not changed again. What
    each user got lies in a file beside the database.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200, blank=True)
    spec = models.JSONField()
    report = models.JSONField()
    headline = models.TextField()
    users = models.PositiveIntegerField()
    engine_version = models.PositiveIntegerField()
    configuration_hash = models.BinaryField(max_length=32)
    events_fingerprint = models.CharField(max_length=64)
    per_user_file = models.CharField(max_length=200)
    run = models.ForeignKey(
        Run,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="evaluations",
    )
    requested_by = models.CharField(max_length=150, blank=True)
    duration_seconds = models.FloatField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["org", "namespace", "-created_at"],
                name="evaluation_list_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"evaluation of {self.created_at:%Y-%m-%d %H:%M}"
