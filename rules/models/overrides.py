from __future__ import annotations

import pghistory
from django.db import models

from catalog.models.edits import every_edit
from catalog.models.orgs import BYTES
from catalog.models.runs import new_id
from catalog.tenancy import TenantModel

from .rules import Rule


class OverrideAction(models.TextChoices):
    BOOST = "boost", "Boost"
    SUPPRESS = "suppress", "Suppress"


class OverrideStatus(models.TextChoices):
    """The life of an override. It waits only where a second person must agree."""

    WAITING = "waiting", "Waiting for approval"
    ACTIVE = "active", "Active"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"
    SUPERSEDED = "superseded", "Superseded"


@pghistory.track(*every_edit(), append_only=True)
class ManualOverride(TenantModel):
    """One item pushed up or kept out by hand, by a rule of its own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    rule = models.ForeignKey(
        Rule, on_delete=models.PROTECT, related_name="overrides", editable=False
    )
    status = models.CharField(
        max_length=10, choices=OverrideStatus, default=OverrideStatus.WAITING
    )
    surface = models.TextField(db_collation=BYTES)
    item_id = models.TextField(db_collation=BYTES)
    action = models.CharField(max_length=8, choices=OverrideAction)
    boost_value = models.FloatField(null=True)
    notes = models.TextField(blank=True)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    cancelled_by = models.CharField(max_length=150, blank=True)
    # When it was cancelled, expired or superseded.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "rule"],
                name="manualoverride_org_namespace_rule",
            ),
            models.UniqueConstraint(
                fields=["org", "namespace", "surface", "item_id"],
                condition=models.Q(status=OverrideStatus.ACTIVE),
                name="manualoverride_one_active",
            ),
        ]
        indexes = [
            models.Index(
                fields=["org", "namespace", "created_at", "id"],
                name="manualoverride_list_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.item_id}"
