from __future__ import annotations

from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.tenancy import org_scope
from ranking.operations.build_states import NothingToRollBackError, roll_back
from ranking.signals.layout import DamagedSnapshotError

from ._arguments import add_namespace_arguments, chosen_namespaces


class Command(BaseCommand):
    help = "Serve the build that was live before the present one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_namespace_arguments(parser)

    def handle(
        self, *, namespace: str | None, org_id: UUID | None, **_options: object
    ) -> None:
        if namespace is None:
            raise CommandError("Say which namespace: --namespace NAME.")
        for chosen in chosen_namespaces(namespace=namespace, org_id=org_id):
            try:
                with org_scope(chosen.org_id):
                    build = roll_back(chosen, at=timezone.now())
            except (NothingToRollBackError, DamagedSnapshotError, OSError) as error:
                raise CommandError(str(error)) from error
            self.stdout.write(f"{chosen.name} is served by the {build} again.")
