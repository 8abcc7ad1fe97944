"""Which org the running code works for: the first of three fences around a tenant.

Code that touches tenant rows runs inside :func:`org_scope`. It opens a transaction,
tells PostgreSQL the org (`recsys.org_id`, for the row-level policies) and tells the
managers of this app, which filter by it and raise when nobody said.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.db import connections, models, transaction

_org: ContextVar[UUID | None] = ContextVar("org", default=None)


class NoOrgInContextError(RuntimeError):
    """Tenant rows were asked for before anyone said whose."""


def current_org() -> UUID:
    """Return the org of the running scope, or raise when there is none."""
    org_id = _org.get()
    if org_id is None:
        raise NoOrgInContextError(
            "Tenant rows are read and written inside org_scope()."
        )
    return org_id


@contextmanager
def org_scope(org_id: UUID, *, using: str = "default") -> Iterator[None]:
    """Run a block, in one transaction, for one org and no other."""
    with transaction.atomic(using=using):
        with connections[using].cursor() as cursor:
            cursor.execute(
                "SELECT set_config('recsys.org_id', %s, true)", [str(org_id)]
            )
        token = _org.set(org_id)
        try:
            yield
        finally:
            _org.reset(token)


class TenantManager[M: models.Model](models.Manager[M]):
    """Rows of the org in scope. Outside :func:`org_scope` it raises."""

    def get_queryset(self) -> models.QuerySet[M]:
        return super().get_queryset().filter(org_id=current_org())


class TenantModel(models.Model):
    """A row that belongs to one namespace of one org."""

    # No foreign key constraint: millions of rows are written in bulk, and namespaces
    # are removed by one operation that knows all tables.
    org = models.ForeignKey(
        "catalog.Org",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    namespace = models.ForeignKey(
        "catalog.Namespace",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )

    # The first manager is the default one, so whoever names none gets the fence.
    objects = TenantManager()
    unscoped = models.Manager()  # noqa: DJ012

    class Meta:
        abstract = True
        base_manager_name = "unscoped"
