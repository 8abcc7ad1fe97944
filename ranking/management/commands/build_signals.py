from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import datetime
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.models import Namespace, Run, RunState
from catalog.operations import runs
from catalog.tenancy import org_scope
from ranking.operations.build_starting import start_build

from ._arguments import add_namespace_arguments, chosen_namespaces, moment

POLL_SECONDS = 0.25


class Command(BaseCommand):
    help = "Build the signals of a namespace, or of all, and serve them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_namespace_arguments(parser)
        parser.add_argument(
            "--as-of",
            type=moment,
            help="Read events up to this moment only; such a build is not served.",
        )
        parser.add_argument(
            "--wait",
            action="store_true",
            help="Build here and now instead of leaving it to a worker.",
        )

    def handle(
        self,
        *,
        namespace: str | None,
        org_id: UUID | None,
        as_of: datetime | None,
        wait: bool,
        **_options: object,
    ) -> None:
        for chosen in chosen_namespaces(namespace=namespace, org_id=org_id):
            self._build(chosen, as_of=as_of, wait=wait)

    def _build(
        self, namespace: Namespace, *, as_of: datetime | None, wait: bool
    ) -> None:
        at = timezone.now()
        with org_scope(namespace.org_id):
            run = start_build(
                namespace, at=at, as_of=as_of, requested_by="build_signals"
            )
        if not wait:
            self.stdout.write(f"{namespace.name}: queued as Run {run.pk}.")
            return
        ended = _done(run)
        if ended.state != RunState.SUCCEEDED:
            raise CommandError(f"{namespace.name}: {ended.state}. {ended.error}")
        counts = ended.result
        if "held" in counts:
            raise CommandError(f"{namespace.name}: held back. {counts['held']}")
        self.stdout.write(
            f"{namespace.name}: signals of {counts['items']} items from"
            f" {counts['events']} events are built."
        )


def _done(run: Run) -> Run:
    """Do the Run, or wait for the worker that took it up first."""
    while run.state in (RunState.QUEUED, RunState.RUNNING):
        runs.execute(run.pk, org_id=run.org_id, clock=timezone.now)
        run = runs.find_run(run.pk) or run
        time.sleep(POLL_SECONDS if run.finished_at is None else 0.0)
    return run
