"""Orgs and namespaces. A test names only what it is about."""

from __future__ import annotations

from uuid import UUID, uuid4

from catalog.models import Namespace, Org


def make_namespace(
    name: str = "shop", *, org_id: UUID | None = None, **columns: object
) -> Namespace:
    """Return a namespace of an org of its own, unless an org is given."""
    org, _ = Org.objects.get_or_create(id=org_id or uuid4())
    return Namespace.objects.create(org=org, name=name, **columns)
