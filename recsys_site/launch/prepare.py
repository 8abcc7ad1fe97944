"""Bring database, static files and the demo shop up to date, in one process.

Three commands of manage.py would each spend a second importing the same packages.
"""

from __future__ import annotations

import io
import os
import sys

import django
from django.core.management import call_command

from .progress import Progress


class _Lines(io.StringIO):
    """Passes on what a command writes, line by line."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    def write(self, text: str) -> int:
        for line in text.splitlines():
            if line.strip():
                self._progress.report(line.strip())
        return len(text)


def main(*, began: float) -> None:
    progress = Progress(began=began)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
    django.setup()
    progress.report("Bringing the tables up to date")
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    progress.report("Collecting static files")
    call_command("collectstatic", interactive=False, verbosity=0)
    progress.report("Preparing the demo shop")
    call_command("prepare_demo", lived_in=True, stdout=_Lines(progress))


if __name__ == "__main__":
    main(began=float(sys.argv[1]))
