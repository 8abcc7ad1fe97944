"""Arguments that several commands of this app share."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from uuid import UUID

from django.core.management.base import CommandError
from django.utils.dateparse import parse_datetime

from catalog.models import Namespace


def add_namespace_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--namespace", help="Its name; all namespaces without it.")
    parser.add_argument("--org-id", type=UUID, help="Of this organisation only.")


def chosen_namespaces(*, namespace: str | None, org_id: UUID | None) -> list[Namespace]:
    """Return the namespaces meant, or raise `CommandError` when there is none."""
    found = Namespace.objects.select_related("org").order_by("org_id", "name")
    if namespace is not None:
        found = found.filter(name=namespace)
    if org_id is not None:
        found = found.filter(org_id=org_id)
    chosen = list(found)
    if not chosen:
        raise CommandError("There is no such namespace. Events or items create one.")
    return chosen


def moment(text: str) -> datetime:
    """Read a moment with its time zone from the command line."""
    found = parse_datetime(text)
    if found is None or found.tzinfo is None:
        raise ArgumentTypeError(f"{text!r} is no moment such as 2026-03-02T12:00Z")
    return found
