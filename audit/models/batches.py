from __future__ import annotations

from typing import ClassVar

from django.db import models

from catalog.models import Org
from catalog.tenancy import TenantManager, TenantModel


class AuditBatch(models.Model):
    """One transaction's decisions of an org, vouched for by digests.

    `rows` holds 16 bytes of id and 32 of digest for each decision, of what in it is not
    personal (audit/core/integrity.py), so that erasing a user or dropping old days
    leaves the chain from batch to batch valid.
    """

    id = models.BigAutoField(primary_key=True)
    org = models.ForeignKey(
        Org,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    # Without gaps from 1.
    number = models.BigIntegerField()
    count = models.IntegerField()
    rows = models.BinaryField()
    digest_version = models.SmallIntegerField()
    previous_digest = models.BinaryField()
    digest = models.BinaryField()
    stored_at = models.DateTimeField()

    objects = TenantManager()
    unscoped: ClassVar[models.Manager[AuditBatch]] = models.Manager()

    class Meta:
        base_manager_name = "unscoped"
        constraints = [
            models.UniqueConstraint(
                fields=["org", "number"], name="auditbatch_org_number"
            ),
        ]

    def __str__(self) -> str:
        return f"batch {self.number}"


class Erasure(TenantModel):
    """A user who was erased while decisions about them may still be on their way.

    The drainer strips those; the row goes after a few days, for the hash is the
    user's too.
    """

    id = models.BigAutoField(primary_key=True)
    user_hash = models.BinaryField()
    erased_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "user_hash"],
                name="erasure_org_namespace_user_hash",
            ),
        ]

    def __str__(self) -> str:
        return f"erasure {self.pk}"
