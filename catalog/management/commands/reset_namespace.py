from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.core.filters import EVERYTHING
from catalog.management import tenants
from catalog.models import Namespace
from catalog.operations.deletes import delete_events, delete_items, delete_users
from catalog.tenancy import org_scope


class Command(BaseCommand):
    help = (
        "Remove all items, users and events of a namespace. Rules, profiles and "
        "decisions stay."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        tenants.add_arguments(parser)
        parser.add_argument("--force", action="store_true", help="Do not ask.")

    def handle(self, **options: Any) -> None:
        namespace = tenants.find(options["org_id"], options["namespace"])
        if not options["force"] and not _confirmed(namespace):
            raise CommandError("Nothing was removed.")
        at = timezone.now()
        with org_scope(namespace.org_id):
            events = delete_events(namespace, EVERYTHING, at=at)
            users = delete_users(namespace, EVERYTHING, at=at)
            items = delete_items(namespace, EVERYTHING, at=at)
        self.stdout.write(
            f"Removed {items:,} items, {users:,} users and {events:,} events from "
            f"{namespace.name}."
        )


def _confirmed(namespace: Namespace) -> bool:
    answer = input(
        f'All items, users and events of "{namespace.name}" will be removed. Type its '
        f"name to go on: "
    )
    return answer.strip() == namespace.name
