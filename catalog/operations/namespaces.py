"""Orgs and namespaces: found, made by their first write, told apart by name."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from catalog.models import Namespace, Org


def find_in_org(org_id: UUID, name: str) -> Namespace | None:
    return Namespace.objects.filter(org_id=org_id, name=name).first()


def create_namespace(org_id: UUID, name: str) -> Namespace:
    """Return the namespace, made now unless somebody else just did."""
    ensure_org(org_id)
    Namespace.objects.bulk_create(
        [Namespace(org_id=org_id, name=name)], ignore_conflicts=True
    )
    return Namespace.objects.get(org_id=org_id, name=name)


def ensure_org(org_id: UUID) -> None:
    Org.objects.bulk_create([Org(id=org_id)], ignore_conflicts=True)


def share_namespace(namespace: Namespace) -> None:
    """Let other writers in, and keep deletions out, until the transaction ends."""
    _lock("SELECT pg_advisory_xact_lock_shared(%s, %s)", namespace)


def own_namespace(namespace: Namespace) -> None:
    """Keep every other writer of the namespace out until the transaction ends.

    A deletion must not remove an item between the moment when a batch finds its
    number and the moment when it stores the event.
    """
    _lock("SELECT pg_advisory_xact_lock(%s, %s)", namespace)


_LOCK_CLASS = 7_241


def _lock(statement: str, namespace: Namespace) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [_LOCK_CLASS, namespace.pk % 2**31])


def fix_dimension(namespace: Namespace, dimension: int) -> int:
    """Return the length of the namespace's vectors; the first one sent fixes it."""
    Namespace.objects.filter(pk=namespace.pk, embedding_dimension=None).update(
        embedding_dimension=dimension
    )
    fixed = fixed_dimension(namespace)
    assert fixed is not None
    return fixed


def fixed_dimension(namespace: Namespace) -> int | None:
    """Return the length of the namespace's vectors, or None before the first one."""
    return Namespace.objects.values_list("embedding_dimension", flat=True).get(
        pk=namespace.pk
    )
