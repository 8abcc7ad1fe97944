from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ranking.operations.embeddings import BATCH, refresh_embeddings

from ._arguments import add_namespace_arguments, chosen_namespaces, moment


class Command(BaseCommand):
    help = "Compute the vectors of items whose words have changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_namespace_arguments(parser)
        parser.add_argument(
            "--since", type=moment, help="Only items updated from then on."
        )
        parser.add_argument(
            "--batch", type=int, default=BATCH, help="Items a transaction."
        )
        parser.add_argument("--dry-run", action="store_true", help="Only count.")

    def handle(
        self,
        *,
        namespace: str | None,
        org_id: UUID | None,
        since: datetime | None,
        batch: int,
        dry_run: bool,
        **_options: object,
    ) -> None:
        if batch < 1:
            raise CommandError("--batch must be at least 1")
        for chosen in chosen_namespaces(namespace=namespace, org_id=org_id):
            done = refresh_embeddings(
                chosen, at=timezone.now(), since=since, batch=batch, dry_run=dry_run
            )
            verb = "would be refreshed" if dry_run else "refreshed"
            self.stdout.write(
                f"{chosen.name}: {done.changed} of {done.seen} vectors {verb}."
            )
