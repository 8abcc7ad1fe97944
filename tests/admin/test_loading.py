from __future__ import annotations

import subprocess
import sys

_COMMAND = """
import sys
import django
django.setup()
import catalog.management.commands.import_dataset
assert "catalog.admin" not in sys.modules
from django.contrib import admin
from django.urls import reverse
reverse("admin:catalog_item_changelist")
assert "catalog.admin" in sys.modules
"""


def test_commands_start_without_the_pages_of_the_admin() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _COMMAND], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
