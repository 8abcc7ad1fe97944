from __future__ import annotations

import getpass
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.importers.files import digest
from catalog.importers.report import as_lines
from catalog.importers.request import ImportRequest
from catalog.importers.runs import FORMATS, ImportedBeforeError, start_import
from catalog.management import tenants
from catalog.management.following import do_here, seconds_of
from catalog.models import Namespace, Run, RunState
from catalog.tenancy import org_scope


class Command(BaseCommand):
    # The checks load every page and route: a tenth of a short import.
    requires_system_checks = ()

    help = (
        "Import a data set. It is a Run: killed, it goes on where it stopped when the "
        "same command is given again, or when a worker takes it over."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("format", choices=sorted(FORMATS))
        parser.add_argument("path", type=Path)
        tenants.add_arguments(parser)
        parser.add_argument(
            "--time-zone", help="Of times without a zone, such as Europe/London."
        )
        parser.add_argument("--currency", default="EUR")
        parser.add_argument("--encoding", default="utf-8")
        parser.add_argument(
            "--kind", choices=["items", "users", "events"], default="events"
        )
        parser.add_argument(
            "--map",
            nargs="+",
            action="extend",
            default=[],
            metavar="COLUMN=FIELD",
            dest="columns",
        )
        parser.add_argument("--type", help="The type of all events of a table.")
        parser.add_argument("--keep-fees", action="store_true")
        parser.add_argument(
            "--again", action="store_true", help="Even if it was imported before."
        )
        parser.add_argument(
            "--no-wait", action="store_true", help="Leave it to the workers."
        )
        parser.add_argument("--json", action="store_true", help="Print the report.")

    def handle(self, **options: Any) -> None:
        path: Path = options["path"].absolute()
        if not path.exists():
            raise CommandError(f"There is no {path}.")
        request = _request(path, options)
        namespace = tenants.find_or_create(
            options["org_id"],
            options["namespace"],
            currency=request.currency,
            time_zone=request.time_zone or "UTC",
        )
        run = _start_or_resume(namespace, request, options)
        if options["no_wait"]:
            self.stdout.write(f"Run {run.pk} is queued: GET /v1/admin/runs/{run.pk}")
            return
        done = do_here(run)
        if options["json"]:
            self.stdout.write(json.dumps(done.result, indent=2))
            return
        for line in as_lines(done.result):
            self.stdout.write(line)
        seconds = max(seconds_of(done), 0.001)
        rows, events = done.result["rows_read"], done.result["events"]
        self.stdout.write(
            f"Took {seconds:.1f} s: {rows / seconds:,.0f} rows/s, "
            f"{events / seconds:,.0f} events/s."
        )


def _request(path: Path, options: dict[str, Any]) -> ImportRequest:
    pairs = [text.partition("=") for text in options["columns"]]
    if not all(column and field for column, _, field in pairs):
        raise CommandError("--map wants COLUMN=FIELD, such as --map sku=item_id.")
    if (zone := options["time_zone"]) is not None:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise CommandError(
                f'"{zone}" is no time zone. Say Europe/London.'
            ) from None
    return ImportRequest(
        format=options["format"],
        file=str(path),
        sha256=digest(path),
        currency=options["currency"],
        time_zone=zone,
        encoding=options["encoding"],
        kind=options["kind"],
        columns={column: field for column, _, field in pairs},
        event_type=options["type"],
        keep_fees=options["keep_fees"],
    )


def _start_or_resume(
    namespace: Namespace, request: ImportRequest, options: dict[str, Any]
) -> Run:
    try:
        with org_scope(namespace.org_id):
            return start_import(
                namespace,
                request,
                requested_by=getpass.getuser(),
                at=timezone.now(),
                again=options["again"],
                announce=options["no_wait"],
            )
    except ImportedBeforeError as error:
        if error.run.state == RunState.SUCCEEDED:
            raise CommandError(
                f"{request.file} was imported into {namespace.name} already, by Run "
                f"{error.run.pk}. Its events would be stored twice; --again does it."
            ) from error
        return error.run
