"""Find a Chromium for the browser tests, and get one if the machine has none.

`python -m recsys_site.launch.chromium` prints its path. Without one the tests say that
those of the browser did not run.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HELP = (
    "Install Chromium (Debian: `apt-get install chromium`; elsewhere:"
    " `.venv/bin/playwright install chromium`), or set CHROMIUM to its path."
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_CACHED = (
    "chromium-*/chrome-linux*/chrome",
    "chromium_headless_shell-*/chrome*linux*/*headless*shell",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)
_APT_SECONDS = 300
_PLAYWRIGHT_SECONDS = 60


def find() -> Path | None:
    """Return the first Chromium of this machine that starts."""
    return next((path for path in _candidates() if _starts(path)), None)


def main() -> int:
    found = find()
    if found is None:
        _install()
        found = find()
    print(found or "")  # noqa: T201
    return 0


def _starts(path: Path) -> bool:
    """Return whether it starts, which one without its libraries does not."""
    try:
        asked = subprocess.run(
            [path, "--version"], check=False, capture_output=True, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def _candidates() -> Iterator[Path]:
    if chosen := os.environ.get("CHROMIUM"):
        yield Path(chosen)
        return
    for name in _NAMES:
        if program := shutil.which(name):
            yield Path(program)
    for pattern in _CACHED:
        yield from sorted(_cache().glob(pattern), reverse=True)


def _cache() -> Path:
    if chosen := os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "ms-playwright"
    return Path.home() / ".cache" / "ms-playwright"


def _install() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _say("Installing Chromium for the browser tests with apt-get")
        apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=60"]
        if _try([*apt, "update"], seconds=_APT_SECONDS) and _try(
            [*apt, "install", "--yes", "--no-install-recommends", "chromium"],
            seconds=_APT_SECONDS,
        ):
            return
    _say(
        "Fetching Chromium for the browser tests with Playwright, for a minute at most"
    )
    playwright = [sys.executable, "-m", "playwright", "install", "chromium"]
    _try(playwright, seconds=_PLAYWRIGHT_SECONDS)


def _try(command: list[str], *, seconds: float) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        installer = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    try:
        return installer.wait(timeout=seconds) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        # Playwright's downloader is a child of a child.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(installer.pid, signal.SIGTERM)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
