#!/usr/bin/env python
"""Run one command of the platform. `manage.py help` lists them."""

from __future__ import annotations

import os
import sys

from recsys_site import embedded

# These only read or write files, so they must work where no server may start.
NEEDS_NO_DATABASE = {
    *("help", "check", "collectstatic", "makemigrations"),
    *("check_openapi", "write_reference"),
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command not in NEEDS_NO_DATABASE and "--help" not in sys.argv:
        embedded.start(report=lambda line: print(line, file=sys.stderr))  # noqa: T201
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
