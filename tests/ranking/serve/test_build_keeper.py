"""The builder that a desk starts ends with it, however short the desk's life was."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import psutil
import pytest

from recsys_site.embedded.processes import wait_until
from recsys_site.embedded.state import REPOSITORY

pytestmark = pytest.mark.processes

_A_SHORT_DESK = """
import psutil, time
import recsys_site.wsgi
while not (children := psutil.Process().children()):
    time.sleep(0.01)
print(*(child.pid for child in children), flush=True)
"""


def test_a_builder_does_not_outlive_a_desk_that_ended_while_it_started(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _A_SHORT_DESK],
        check=True,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, "RECSYS_FILES_ROOT": str(tmp_path)},
    )

    builders = [int(pid) for pid in done.stdout.split()]
    assert builders
    for pid in builders:
        assert wait_until(partial(_is_gone, pid), seconds=60)


def _is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
