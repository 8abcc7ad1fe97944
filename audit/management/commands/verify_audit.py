"""`manage.py verify_audit`: whether what is stored is what was answered."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.core.management.base import BaseCommand, CommandError

from audit.core.integrity_checks import Head
from audit.heads import read_head
from audit.queries.verifying import Verified, orgs_to_verify, verify


class Command(BaseCommand):
    help = (
        "Compare stored decisions with the chain of batches that vouches for them, and "
        "name everything that was altered, deleted, inserted or cut off."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--org-id", type=UUID, help="Of one organisation only.")
        parser.add_argument(
            "--head",
            type=Path,
            action="append",
            default=[],
            help="A head that export_audit_head wrote earlier; may be given often.",
        )
        parser.add_argument(
            "--json", action="store_true", help="Answer with one JSON document."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        heads = [_head(path) for path in options["head"]]
        orgs = [options["org_id"]] if options["org_id"] else orgs_to_verify()
        found = [verify(org_id, heads=heads) for org_id in orgs]
        if options["json"]:
            self.stdout.write(json.dumps([_told(each) for each in found], indent=2))
        else:
            for each in found:
                self._say(each)
        n_faults = sum(len(each.faults) for each in found)
        if n_faults:
            raise CommandError(f"Faults: {n_faults}.", returncode=1)

    def _say(self, found: Verified) -> None:
        for fault in found.faults:
            self.stdout.write(f"{found.org_id}: {fault.words}")
        self.stdout.write(
            f"{found.org_id}: {found.decisions} decisions in {found.batches} batches,"
            f" {len(found.faults)} faults."
        )


def _head(path: Path) -> Head:
    try:
        return read_head(path)
    except ValueError as error:
        raise CommandError(str(error)) from error


def _told(found: Verified) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(found)
    if found.head is not None:
        told["head"]["digest"] = found.head.digest.hex()
    return told
