"""`manage.py rotate_audit_key`: hash user ids with a fresh key from now on."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand

from audit.operations import rotate_key


class Command(BaseCommand):
    help = (
        "Hash the user ids of an organisation with a fresh version of its key from now "
        "on. What is stored is still found: every version is tried."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--org-id", type=UUID, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        version = rotate_key(
            options["org_id"], by="rotate_audit_key", at=datetime.now(UTC)
        )
        self.stdout.write(f"User ids are hashed with version {version} from now on.")
