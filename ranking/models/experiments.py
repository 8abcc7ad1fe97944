from __future__ import annotations

import pghistory
from django.db import models

from catalog.models.edits import every_edit
from catalog.models.orgs import BYTES
from catalog.tenancy import TenantModel
from ranking.core.experiments import METRICS


class ExperimentState(models.TextChoices):
    DRAFT = "draft", "Draft"
    RUNNING = "running", "Running"
    STOPPED = "stopped", "Stopped"


@pghistory.track(*every_edit(), append_only=True)
class Experiment(TenantModel):
    """A comparison of ways to rank, on real requests.

    What decides who gets what stands still once it runs: variants, salt and surface.
    """

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=100, db_collation=BYTES)
    hypothesis = models.TextField(blank=True)
    state = models.CharField(
        max_length=7, choices=ExperimentState, default=ExperimentState.DRAFT
    )
    # "" for every surface.
    surface = models.TextField(blank=True)
    # Of subjects who take part.
    share = models.FloatField(default=1.0)
    salt = models.CharField(max_length=32)
    # [{name, weight, profile?, knobs?}], the first is the control.
    variants = models.JSONField(default=list)
    metric = models.CharField(max_length=16, default="conversion")
    # Smallest relative change of the metric that would matter.
    smallest_effect = models.FloatField(default=0.02)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, editable=False)
    stopped_at = models.DateTimeField(null=True, editable=False)
    owner = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "name"],
                name="experiment_org_namespace_name",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def metric_words(self) -> str:
        """What it is judged by."""
        return METRICS[self.metric]
