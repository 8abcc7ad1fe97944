from __future__ import annotations

import subprocess
import sys

_PROCESS = """
import sys
import django
django.setup()

def loaded(*names):
    return {name for name in names if name in sys.modules}

import recsys_site.urls_serve
found = loaded("catalog.admin", "pyarrow", "scipy.optimize", "scipy.stats")
assert not found, f"The hot routes load {found}."

import catalog.management.commands.reset_namespace
assert not loaded("catalog.admin"), "A command loads the pages of the admin."

from recsys_site.celery import app
app.loader.import_default_modules()
assert loaded("simulations.tasks"), "The tasks were not found."
assert not loaded("recsys_site.urls_desk"), "Workers load every page and route."

import recsys_site.urls_desk
from django.urls import reverse
reverse("admin:catalog_item_changelist")
assert loaded("catalog.admin"), "The pages were not found."
engines = ("ibis", "duckdb", "pandas", "implicit", "optuna", "sqlglot")
found = loaded(*engines, "scipy.optimize", "scipy.stats")
assert not found, f"Pages or tasks load {found}."
"""


def test_no_process_loads_what_it_does_not_do() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROCESS], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
