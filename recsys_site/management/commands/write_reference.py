from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from recsys_site import reference


class Command(BaseCommand):
    help = (
        "Write the generated pages of docs/reference, or check that they are in step."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="write nothing, fail when a page is old",
        )

    def handle(self, *, check: bool, **options: Any) -> None:
        if not check:
            changed = reference.write(settings.BASE_DIR)
            self.stdout.write(f"Wrote {len(changed)} of {len(reference.PAGES)} pages.")
            return
        if stale := reference.out_of_step(settings.BASE_DIR):
            names = ", ".join(path.name for path in stale)
            raise CommandError(f"Old: {names}. Run `manage.py write_reference`.")
        self.stdout.write("Every generated page is in step.")
