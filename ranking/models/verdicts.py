from __future__ import annotations

import pgtrigger
from django.db import models

from catalog.models.runs import new_id
from catalog.tenancy import TenantModel


class ConfigurationVerdict(TenantModel):
    """What a check found of one serving configuration, before it was in force.

    Written from above, where configurations are replayed and evaluated; publishing
    looks for it by the hash of what it is about to put in force.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    content_hash = models.BinaryField(max_length=32)
    is_blocked = models.BooleanField()
    """Whether it breaks a guardrail that stops."""

    headline = models.TextField()
    report = models.JSONField(default=dict)
    requested_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["org", "namespace", "content_hash", "-created_at"],
                name="configurationverdict_newest",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return self.headline
