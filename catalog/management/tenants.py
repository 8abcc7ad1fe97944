"""The namespace that a command is about."""

from __future__ import annotations

from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import CommandError

from catalog.models import Namespace
from catalog.operations.namespaces import create_namespace, find_in_org

DEMO_ORG = UUID("00000000-0000-0000-0000-000000000001")


def add_arguments(parser: ArgumentParser, *, is_required: bool = True) -> None:
    parser.add_argument("--namespace", required=is_required)
    parser.add_argument(
        "--org-id", type=UUID, default=DEMO_ORG, help="The demo's org by default."
    )


def find(org_id: UUID, name: str) -> Namespace:
    """Return the namespace, or end the command in words."""
    namespace = find_in_org(org_id, name)
    if namespace is None:
        raise CommandError(f'Org {org_id} has no namespace "{name}".')
    return namespace


def find_or_create(org_id: UUID, name: str, **columns: str) -> Namespace:
    """Return the namespace. `columns` are set when it is made now, else left alone."""
    known = find_in_org(org_id, name)
    if known is not None:
        return known
    made = create_namespace(org_id, name)
    Namespace.objects.filter(pk=made.pk).update(**columns)
    made.refresh_from_db()
    return made
