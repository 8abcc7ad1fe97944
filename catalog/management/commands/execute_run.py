from __future__ import annotations

from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.models import RunState
from catalog.operations import runs


class Command(BaseCommand):
    # The checks load every page and route.
    requires_system_checks = ()

    help = "Do one Run here and now, as a worker would. Needs no broker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run_id", type=UUID)

    def handle(self, *, run_id: UUID, **_options: object) -> None:
        run = runs.find_run(run_id)
        if run is None:
            raise CommandError(
                f"There is no Run {run_id}. `GET /v1/admin/runs` lists them."
            )
        state = runs.execute(run_id, org_id=run.org_id, clock=timezone.now)
        run = runs.find_run(run_id) or run
        if state is None:
            raise CommandError(
                f"Run {run_id} is {run.state} and not to be had now: it is over, "
                f"not due, or another worker holds it."
            )
        if state != RunState.SUCCEEDED:
            raise CommandError(f"Run {run_id} {state}: {run.error}")
        self.stdout.write(f"Run {run_id} ({run.kind}) succeeded.")
