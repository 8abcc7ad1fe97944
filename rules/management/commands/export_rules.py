from __future__ import annotations

import csv
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand

from catalog.management import tenants
from catalog.models import Namespace
from catalog.tenancy import org_scope
from rules.models import Rule, RuleState
from rules.operations.csv_rows import COLUMNS, row_of
from rules.queries.contents import read

_A_BATCH = 2_000


class Command(BaseCommand):
    help = "Write the published rules of a namespace as CSV, as import_rules reads it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        tenants.add_arguments(parser)
        parser.add_argument("--output", type=Path, help="The terminal when absent.")

    def handle(self, **options: Any) -> None:
        namespace = tenants.find(options["org_id"], options["namespace"])
        path: Path | None = options["output"]
        if path is None:
            _write(namespace, sys.stdout)
            return
        with path.open("w", newline="", encoding="utf-8") as file:
            count = _write(namespace, file)
        self.stdout.write(f"{count:,} rules of {namespace.name}: {path}")


def _write(namespace: Namespace, file: TextIO) -> int:
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    count = 0
    with org_scope(namespace.org_id):
        rules = (
            Rule.objects.filter(
                namespace=namespace, is_override=False, version__isnull=False
            )
            .exclude(state=RuleState.RETIRED)
            .order_by("created_at", "pk")
            .values_list("pk", "version__content")
        )
        for key, content in rules.iterator(chunk_size=_A_BATCH):
            writer.writerow(row_of(str(key), read(content)))
            count += 1
    return count
