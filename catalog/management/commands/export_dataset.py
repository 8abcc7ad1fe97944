from __future__ import annotations

import getpass
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.exporting.runs import ENDINGS, KINDS, start_export
from catalog.management import tenants
from catalog.management.following import do_here
from catalog.operations.namespaces import find_in_org
from catalog.tenancy import org_scope


class Command(BaseCommand):
    help = "Export items, users and events of a namespace as NDJSON (gzip) or Parquet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        tenants.add_arguments(parser)
        parser.add_argument(
            "--kind", nargs="+", choices=KINDS, default=list(KINDS), dest="kinds"
        )
        parser.add_argument("--format", choices=sorted(ENDINGS), default="ndjson")
        parser.add_argument("--output-dir", type=Path)
        parser.add_argument("--no-wait", action="store_true")
        parser.add_argument("--json", action="store_true")

    def handle(self, **options: Any) -> None:
        namespace = find_in_org(options["org_id"], options["namespace"])
        if namespace is None:
            raise CommandError(f'There is no namespace "{options["namespace"]}".')
        folder: Path | None = options["output_dir"]
        with org_scope(namespace.org_id):
            run = start_export(
                namespace,
                kinds=options["kinds"],
                form=options["format"],
                at=timezone.now(),
                details={
                    "requested_by": getpass.getuser(),
                    "announce": options["no_wait"],
                    "parameters": {"folder": str(folder.absolute())} if folder else {},
                },
            )
        if options["no_wait"]:
            self.stdout.write(f"Run {run.pk} is queued: GET /v1/admin/runs/{run.pk}")
            return
        files = do_here(run).result["files"]
        if options["json"]:
            self.stdout.write(json.dumps(files, indent=2))
            return
        for kind, one in files.items():
            self.stdout.write(f"{one['rows']:,} {kind}: {one['file']}")
