from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from catalog.tenancy import TenantModel


class ChangeKind(models.TextChoices):
    ITEMS = "items", "items were sent, changed or deleted"
    USERS = "users", "users were sent, changed or deleted"
    EVENTS = "events", "events arrived"
    DELETED = "deleted", "events were deleted, or a whole kind of data was"
    CONFIGURATION = "configuration", "what serving obeys was published"
    SNAPSHOT = "snapshot", "a signal build went live or was rolled back"


class Change(TenantModel):
    """One step of a namespace's history, numbered without gaps.

    Written in the transaction of the change itself, read by higher apps at their own
    number. For up to 5,000 items `rows` holds what serving needs of each as it stood
    then (zstd of msgpack, see catalog/core/feed.py), so that the state at any number
    can be folded again later; larger changes hold none and ask for a new snapshot.
    """

    id = models.BigAutoField(primary_key=True)
    number = models.BigIntegerField()
    kind = models.CharField(max_length=16, choices=ChangeKind)
    ids = ArrayField(models.BigIntegerField(), default=list)
    rows = models.BinaryField(null=True)
    count = models.IntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "number"],
                name="change_org_namespace_number",
            ),
        ]

    def __str__(self) -> str:
        return f"change {self.number} ({self.kind})"
