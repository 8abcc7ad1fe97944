from __future__ import annotations

import getpass
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.core.faults import BadInputError
from catalog.management import tenants
from catalog.management.following import do_here
from catalog.models import Namespace, Run
from catalog.tenancy import org_scope
from rules.models import Source
from rules.operations.actors import Actor, of_job
from rules.operations.change_sets import Purpose
from rules.operations.importing import page_of, start_applying, start_dry_run

_MOST_SHOWN = 20
_VERDICTS = ("new", "changed", "same", "faulty")


class Command(BaseCommand):
    help = (
        "Try a CSV file of rules line by line, and with --reason put what it changes"
        " into a change set. Nothing is live before that is published."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        tenants.add_arguments(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument("--title", default="", help="Of the change set.")
        parser.add_argument("--reason", default="", help="Absent: a dry run.")

    def handle(self, **options: Any) -> None:
        namespace = tenants.find(options["org_id"], options["namespace"])
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        try:
            tried = _tried(namespace, path)
            self._tell(tried)
            if options["reason"]:
                self._put(namespace, tried, options, name=path.name)
        except BadInputError as error:
            raise CommandError(str(error)) from None

    def _tell(self, tried: Run) -> None:
        counts = tried.result["counts"]
        told = ", ".join(f"{counts[name]:,} {name}" for name in _VERDICTS)
        self.stdout.write(f"{told}.")
        for each in page_of(tried, 1, only="faulty")[:_MOST_SHOWN]:
            self.stdout.write(f"line {each.line}: {' '.join(each.faults)}")

    def _put(
        self, namespace: Namespace, tried: Run, options: dict[str, Any], *, name: str
    ) -> None:
        purpose = Purpose(
            title=options["title"] or f"Import {name}", reason=options["reason"]
        )
        with org_scope(namespace.org_id):
            run = start_applying(
                namespace, tried, purpose=purpose, actor=_actor(), at=timezone.now()
            )
        done = do_here(run).result
        self.stdout.write(
            f"{done['changes']:,} changes are in change set {done['change_set']}:"
            " check it, then publish it."
        )


def _tried(namespace: Namespace, path: Path) -> Run:
    with org_scope(namespace.org_id):
        run = start_dry_run(
            namespace,
            path.read_bytes(),
            filename=path.name,
            actor=_actor(),
            at=timezone.now(),
        )
    return do_here(run)


def _actor() -> Actor:
    return of_job(getpass.getuser(), source=Source.IMPORT)
