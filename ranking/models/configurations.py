from __future__ import annotations

import pgtrigger
from django.db import models

from catalog.tenancy import TenantModel


class ServingConfig(TenantModel):
    """One immutable document holding all that serving obeys, known by its hash."""

    id = models.BigAutoField(primary_key=True)
    content_hash = models.BinaryField(max_length=32)
    document = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "content_hash"],
                name="servingconfig_org_namespace_content_hash",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return bytes(self.content_hash).hex()[:12]


class Publication(TenantModel):
    """From which change on which serving configuration was in force. Append-only."""

    id = models.BigAutoField(primary_key=True)
    change_number = models.BigIntegerField()
    config = models.ForeignKey(
        ServingConfig, on_delete=models.PROTECT, related_name="publications"
    )
    cause = models.CharField(max_length=200)
    author = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "change_number"],
                name="publication_org_namespace_change_number",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"configuration from change {self.change_number} on"
