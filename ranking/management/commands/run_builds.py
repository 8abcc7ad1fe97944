from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from ranking.builder import run_builds


class Command(BaseCommand):
    # The checks load every page and route.
    requires_system_checks = ()

    help = "Start builds when data change, and do those that no worker takes up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--parent",
            type=int,
            metavar="PID",
            help="End when this process, which started it, does.",
        )

    def handle(self, *, parent: int | None, **_options: object) -> None:
        run_builds(parent=parent)
