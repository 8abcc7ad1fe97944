from __future__ import annotations

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from .edits import every_edit
from .orgs import Namespace, Org


class Role(models.TextChoices):
    """What a staff member may do in a namespace, each including the one before."""

    VIEWER = "viewer", "Viewer"
    MERCHANDISER = "merchandiser", "Merchandiser"
    PUBLISHER = "publisher", "Publisher"
    OPERATOR = "operator", "Operator"
    ADMIN = "admin", "Admin"


@pghistory.track(*every_edit(), append_only=True)
class Membership(models.Model):
    """A staff member's role in one namespace, or in every namespace of an org."""

    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="memberships")
    namespace = models.ForeignKey(
        Namespace,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        help_text="Leave empty for every namespace of the organisation.",
    )
    role = models.CharField(max_length=16, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "staff"],
                name="membership_org_namespace_staff",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return (
            f"{self.staff} is {self.get_role_display()} of {self.namespace or self.org}"
        )


class Scope(models.TextChoices):
    """What an API key may call."""

    RANK = "rank", "Ask for rankings"
    READ = "read", "Read catalog, configuration and decisions"
    INGEST = "ingest", "Send items, users and events"
    CONFIGURE = "configure", "Change profiles, segments and event types"
    PUBLISHER = "publisher", "Publish rules and overrides"
    RESET = "reset", "Delete a namespace's data without confirmation"
    AUTO_CREATE = "auto_create_namespaces", "Create namespaces by writing to them"


@pghistory.track(
    *every_edit(), append_only=True, exclude=["secret_sha256", "last_used_at"]
)
class ApiKey(models.Model):
    """A machine's credential. Only a hash of its secret is kept."""

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, unique=True, editable=False)
    secret_sha256 = models.BinaryField(max_length=32, editable=False)
    scopes = ArrayField(models.CharField(max_length=32, choices=Scope), default=list)
    namespaces = models.ManyToManyField(
        Namespace, blank=True, help_text="Leave empty for every namespace of the org."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
