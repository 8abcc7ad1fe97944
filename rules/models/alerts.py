from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from catalog.models.runs import new_id
from catalog.tenancy import TenantModel


class AlertKind(models.TextChoices):
    """What somebody should do something about, the worst first."""

    GUARDRAIL = "guardrail", "Guardrail broken"
    FORECAST = "forecast", "Not as forecast"
    CONFLICT = "conflict", "Conflict"
    TARGET_AWAY = "target_away", "Target out of stock"
    TARGET_UNKNOWN = "target_unknown", "Target unknown"
    ZERO_EFFECT = "zero_effect", "No effect for 24 hours"
    NEVER_MATCHED = "never_matched", "Dead for 30 days"
    ENDS_SOON = "ends_soon", "Ends within 3 days"
    OVER = "over", "Over and still enabled"
    OPEN_OVERRIDE = "open_override", "Override without an end"


class Incident(TenantModel):
    """Something that needs a look, mostly a rule: told once, and once when over."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=14, choices=AlertKind)
    # What it is about, so that the same is one incident: ids, mostly of rules.
    subject = models.TextField()
    sentence = models.TextField()
    rule_ids = ArrayField(models.UUIDField(), default=list)
    override_id = models.UUIDField(null=True)
    change_set_id = models.UUIDField(null=True)
    proposal_id = models.UUIDField(null=True)
    opened_at = models.DateTimeField()
    recovered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "kind", "subject"],
                condition=models.Q(recovered_at=None),
                name="incident_org_namespace_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["org", "namespace", "-opened_at", "id"], name="incident_order"
            ),
        ]

    def __str__(self) -> str:
        return self.sentence


class Webhook(TenantModel):
    """An address that is told of alerts.

    Its secret is made from the installation's and its id and version, and stored
    nowhere.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100)
    url = models.URLField(max_length=500)
    secret_version = models.PositiveIntegerField(default=1)
    is_active = models.BooleanField(default=True)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "name"], name="webhook_org_namespace_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DeliveryState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Given up"


class Delivery(TenantModel):
    """One message to one webhook, tried until it is taken or given up."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, related_name="deliveries"
    )
    # As it is signed and sent.
    body = models.TextField()
    is_test = models.BooleanField(default=False)
    state = models.CharField(
        max_length=9, choices=DeliveryState, default=DeliveryState.WAITING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    # Whoever sends moves it ahead first, so that nobody else sends the same.
    next_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=models.Q(state=DeliveryState.WAITING),
                name="delivery_waiting",
            ),
            models.Index(
                fields=["org", "namespace", "webhook", "-created_at"],
                name="delivery_of_webhook",
            ),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"
