"""Where this installation keeps its state. Computes paths, creates nothing."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
_ROOT_STATES = Path("/var/lib/recsys")


def installation_directory() -> Path:
    """Return what belongs to this checkout: the shop, and below it the test runs."""
    if configured := os.environ.get("RECSYS_STATE_DIR"):
        return Path(configured).absolute()
    if os.geteuid() == 0:
        # The servers leave root, and a checkout below /root is closed to them.
        return _ROOT_STATES / short_hash(REPOSITORY)
    return REPOSITORY / ".local"


def testing() -> bool:
    """Return whether pytest runs here or above, which must not see the shop."""
    return "PYTEST_VERSION" in os.environ


def test_directory() -> Path:
    return installation_directory() / "test"


def test_session() -> str:
    """Return the name of this pytest run, which exports it to its children."""
    return os.environ.get("RECSYS_TEST_SESSION") or str(os.getpid())


def state_directory() -> Path:
    """Return where this run keeps files: the shop's, or the test session's own."""
    if testing():
        return test_directory() / test_session()
    return installation_directory()


def short_hash(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]
