"""Keep one builder alive on this host, for as long as a desk runs."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from filelock import FileLock, Timeout

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
_TRY_AGAIN_SECONDS = 5.0
# Serving comes first where both share cores.
_NICE = 5
_started = threading.Lock()


def start() -> None:
    """Start the keeper's thread, once in a process. Returns at once."""
    if _started.acquire(blocking=False):
        threading.Thread(target=_keep, name="build keeper", daemon=True).start()


def _keep() -> None:
    """Wait to be the only keeper of the host, then watch over the builder."""
    lock = FileLock(Path(settings.FILES_ROOT) / "builder.lock")
    lock_directory = Path(lock.lock_file).parent
    lock_directory.mkdir(parents=True, exist_ok=True)
    while True:
        try:
            with lock.acquire(timeout=0):
                _watch_over_builder()
        except Timeout:
            time.sleep(_LOOK_SECONDS)


def _watch_over_builder() -> None:
    while True:
        # It ends by itself when this process does, however that comes about.
        builder = subprocess.Popen(
            [sys.executable, "manage.py", "run_builds", "--parent", str(os.getpid())],
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
        )
        with suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, builder.pid, _NICE)
        code = builder.wait()
        log.warning("The builder ended with %s; another one is started.", code)
        time.sleep(_TRY_AGAIN_SECONDS)
