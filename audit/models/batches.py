from __future__ import annotations

from typing import ClassVar

from django.db import models

from catalog.models import Org
from catalog.tenancy import TenantManager, TenantModel


class AuditBatch(models.Model):
    """One transaction's decisions of an org, vouched for by digests.

    `rows` holds id, namespace and digest of each decision, of what in it is not
    personal (audit/core/integrity.py), so that erasing a user leaves the chain from
    batch to batch valid. An entry of the other kind says which old days were removed;
    the rows of batches that have none left go then, their digests stay.
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
    kind = models.SmallIntegerField(default=0)
    count = models.IntegerField()
    rows = models.BinaryField(null=True)
    rows_digest = models.BinaryField(default=bytes)
    # Of the days of its rows; NULL in batches that were stored before these columns.
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    digest_version = models.SmallIntegerField()
    previous_digest = models.BinaryField()
    digest = models.BinaryField()
    # Made with the installation's secret, so that nobody else can add a batch.
    seal = models.BinaryField(null=True)
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
        indexes = [
            models.Index(fields=["org", "last_day"], name="auditbatch_org_last_day"),
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


class PseudonymKey(models.Model):
    """From when on user ids of an org are hashed with another version of its key.

    The first version needs no row. Keys are no data: they follow from the
    installation's secret (audit/core/pseudonyms.py).
    """

    id = models.BigAutoField(primary_key=True)
    org = models.ForeignKey(
        Org,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    version = models.SmallIntegerField()
    since = models.DateTimeField()
    # Who rotated, in words.
    rotated_by = models.TextField(blank=True)

    objects = TenantManager()
    unscoped: ClassVar[models.Manager[PseudonymKey]] = models.Manager()

    class Meta:
        base_manager_name = "unscoped"
        constraints = [
            models.UniqueConstraint(
                fields=["org", "version"], name="pseudonymkey_org_version"
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.version} of the key"
