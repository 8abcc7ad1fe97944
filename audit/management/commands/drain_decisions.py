"""`manage.py drain_decisions`: the one process per host that empties the spool."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit.operations import drain_now, drain_until


class Command(BaseCommand):
    # The checks load every page and route.
    requires_system_checks = ()

    help = "Store what was answered: runs until SIGTERM, or once with --once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="store what waits now, then end"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            self.stdout.write(f"Decisions stored: {drain_now(clock=_now)}.")
            return
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        drain_until(stop, clock=_now)


def _now() -> datetime:
    return datetime.now(UTC)
