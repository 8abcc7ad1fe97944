"""The repository holds nothing of the machine that it was made on."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from recsys_site.embedded.state import REPOSITORY

_LOCKS = sorted(
    path.name
    for pattern in ("requirements*.txt", "uv.lock")
    for path in REPOSITORY.glob(pattern)
)
_PUBLIC = ("https://pypi.org/", "https://files.pythonhosted.org/")
_ELSEWHERE = re.compile(
    r"file:|--(extra-)?index-url|--find-links|--trusted-host|-f |git\+|@ "
)
_PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)
# Directories in which people and machines keep their own things.
_MACHINE_PATH = re.compile(
    rb"/(?:root|home/[a-z][\w.-]*|Users/[a-z][\w.-]*|work|mnt/[a-z]\w*)/[\w.-]+"
)
_MAY_NAME_PATHS = {"tests/launch/test_lock_hygiene.py"}


@pytest.mark.parametrize("name", _LOCKS)
def test_a_lock_names_no_place_but_the_public_index(name: str) -> None:
    for line in (REPOSITORY / name).read_text().splitlines():
        assert not _ELSEWHERE.search(line), line
        for url in re.findall(r"\w+://\S+", line):
            assert url.startswith(_PUBLIC), line


@pytest.mark.parametrize("name", [name for name in _LOCKS if name.endswith(".txt")])
def test_every_package_is_held_by_its_hash(name: str) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", (REPOSITORY / name).read_text())
    without = [entry for entry in entries if "==" in entry and "--hash=" not in entry]
    assert without == []


def test_tests_run_with_the_packages_that_production_runs_with() -> None:
    production, tests = (
        dict(_PIN.findall((REPOSITORY / name).read_text()))
        for name in ("requirements.txt", "requirements-dev.txt")
    )
    assert production
    assert {name: tests.get(name) for name in production} == production


def test_no_tracked_file_holds_a_path_of_a_machine() -> None:
    found = [
        f"{path}: {match.group().decode()}"
        for path in _tracked()
        if path not in _MAY_NAME_PATHS
        for match in _MACHINE_PATH.finditer(_content(path))
    ]
    assert found == []


def _tracked() -> list[str]:
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, check=True, capture_output=True, cwd=REPOSITORY)
    return [name.decode() for name in listed.stdout.split(b"\0") if name]


def _content(path: str) -> bytes:
    try:
        return (REPOSITORY / Path(path)).read_bytes()
    except OSError:
        return b""  # Deleted in the working tree, or a link that leads nowhere.
