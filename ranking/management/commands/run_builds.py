from __future__ import annotations

import os
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from ranking.builder import run_builds


class Command(BaseCommand):
    help = "Start builds when data change, and do those that no worker takes up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--with-parent",
            action="store_true",
            help="End when the parent process does.",
        )

    def handle(self, *, with_parent: bool, **_options: object) -> None:
        run_builds(parent=os.getppid() if with_parent else None)
