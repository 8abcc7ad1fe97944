"""Make an API key and show it, once."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.models import Namespace, Org, Scope
from catalog.operations.keys import create_key
from catalog.operations.namespaces import ensure_org
from catalog.recording import by_command


class Command(BaseCommand):
    help = "Make an API key. It is printed once; only its hash is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="What the key is for, such as 'web shop'.")
        parser.add_argument("--org", type=UUID, required=True)
        parser.add_argument(
            "--new-org", action="store_true", help="Make the organisation if it is new."
        )
        parser.add_argument(
            "--scope",
            action="append",
            choices=Scope.values,
            help="What it may call; repeat it. Default: rank, read and ingest.",
        )
        parser.add_argument(
            "--namespace",
            action="append",
            default=[],
            help="The only namespaces it reaches; repeat it. Default: all of the org.",
        )
        parser.add_argument(
            "--days", type=int, help="Days until it expires. Default: never."
        )

    def handle(self, **options: Any) -> None:
        org = _org(options["org"], may_be_new=options["new_org"])
        days = options["days"]
        with by_command("create_api_key"):
            key, text = create_key(
                org,
                name=options["name"],
                scopes=options["scope"] or [Scope.RANK, Scope.READ, Scope.INGEST],
                namespaces=[_namespace(org, name) for name in options["namespace"]],
                expires_at=timezone.now() + timedelta(days=days) if days else None,
            )
        self.stderr.write(f"Key {key.prefix}… for {org}, shown this once:")
        self.stdout.write(text)


def _org(org_id: UUID, *, may_be_new: bool) -> Org:
    if may_be_new:
        ensure_org(org_id)
    org = Org.objects.filter(pk=org_id).first()
    if org is None:
        raise CommandError(f"There is no organisation {org_id}. Is --new-org missing?")
    return org


def _namespace(org: Org, name: str) -> Namespace:
    namespace = Namespace.objects.filter(org=org, name=name).first()
    if namespace is None:
        raise CommandError(f"The organisation has no namespace {name}.")
    return namespace
