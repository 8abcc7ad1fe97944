from __future__ import annotations

from django.db import models

from catalog.tenancy import TenantManager

from .orgs import BYTES, Org


class IdempotencyRecord(models.Model):
    """The first answer given to an `Idempotency-Key`, kept for 24 hours.

    Written in the transaction of the effect: no effect without its record.
    """

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+")
    route = models.CharField(max_length=100)
    key = models.CharField(max_length=128, db_collation=BYTES)
    body_sha256 = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    answer = models.BinaryField()
    created_at = models.DateTimeField()

    objects = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "route", "key"], name="idempotency_org_route_key"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]

    def __str__(self) -> str:
        return self.key
