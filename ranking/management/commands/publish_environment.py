from __future__ import annotations

from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import BaseCommand
from django.utils import timezone

from catalog.tenancy import org_scope
from ranking.operations.publishing import publish_if_different

from ._arguments import add_namespace_arguments, chosen_namespaces


class Command(BaseCommand):
    help = "Put in force what the environment says of knobs, after it was changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_namespace_arguments(parser)

    def handle(
        self, *, namespace: str | None, org_id: UUID | None, **_options: object
    ) -> None:
        for chosen in chosen_namespaces(namespace=namespace, org_id=org_id):
            with org_scope(chosen.org_id):
                published = publish_if_different(
                    chosen, cause="environment changed", at=timezone.now()
                )
            told = "obeys the environment now" if published else "obeyed it already"
            self.stdout.write(f"{chosen.name} {told}.")
