"""`manage.py export_audit_head`: what to keep elsewhere, to prove things by later."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from audit.queries.heads import exported_head
from catalog.tenancy import org_scope


class Command(BaseCommand):
    help = (
        "Write the head of an organisation's chain of batches as JSON. Kept elsewhere, "
        "it shows later whether anything up to it was altered: verify_audit --head."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--org-id", type=UUID, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        with org_scope(options["org_id"]):
            head = exported_head()
        if head is None:
            raise CommandError("This organisation has no stored decisions yet.")
        self.stdout.write(json.dumps(head))
