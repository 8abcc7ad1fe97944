"""The interpreter finder believes only a Python that starts."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from recsys_site.embedded.state import REPOSITORY

# Stands in for an interpreter: says where it is, as the finder asks of one that works.
_GOOD = '#!/bin/sh\ncase "$*" in *sys.executable*) echo "$0";; esac\n'
_OLD = '#!/bin/sh\ncase "$*" in *python_version*) echo 3.11.2;; *) exit 1;; esac\n'
# Built elsewhere: it starts only if it is told where its library lies.
_MOVED = '#!/bin/sh\n[ -n "$LD_LIBRARY_PATH" ] || exit 127\n' + _GOOD.split("\n", 1)[1]
# A shim of pyenv for a version that is not installed.
_SHIM = '#!/bin/sh\necho "pyenv: command not found" >&2\nexit 127\n'


@dataclass(frozen=True)
class Machine:
    """A checkout, a PATH and a home that hold what a test puts there."""

    top: Path

    def put(self, place: str, *, script: str) -> Path:
        program = self.top / place
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(script)
        program.chmod(0o755)
        return program

    def find(
        self, *arguments: str, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        path = f"{self.top}/path:{self.top}/tools"
        return subprocess.run(
            [self.top / "recsys_site" / "launch" / "find_python", *arguments],
            check=False,
            capture_output=True,
            text=True,
            env={"PATH": path, "HOME": str(self.top / "home"), **environment},
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    script = REPOSITORY / "recsys_site" / "launch" / "find_python"
    copy = machine.put("recsys_site/launch/find_python", script=script.read_text())
    assert copy.exists()
    (tmp_path / ".python-version").write_text("3.13\n")
    for name in ("sh", "dirname", "cat", "sed"):
        tool = shutil.which(name)
        assert tool
        (tmp_path / "tools").mkdir(exist_ok=True)
        (tmp_path / "tools" / name).symlink_to(tool)
    return machine


def test_the_version_of_the_checkout_is_preferred(machine: Machine) -> None:
    machine.put("path/python3.12", script=_GOOD)
    wanted = machine.put("path/python3.13", script=_GOOD)
    assert machine.find().stdout == f"{wanted}\n"


def test_a_shim_that_fails_is_passed_over(machine: Machine) -> None:
    machine.put("path/python3.13", script=_SHIM)
    other = machine.put("path/python3.12", script=_GOOD)
    assert machine.find().stdout == f"{other}\n"


def test_versions_of_pyenv_are_found_without_its_shims(machine: Machine) -> None:
    machine.put("path/python3", script=_OLD)
    hidden = machine.put("home/.pyenv/versions/3.13.0/bin/python3", script=_GOOD)
    assert machine.find().stdout == f"{hidden}\n"


def test_a_pyenv_elsewhere_is_found_by_its_variable(machine: Machine) -> None:
    hidden = machine.put("elsewhere/versions/3.12.1/bin/python3", script=_GOOD)
    found = machine.find(PYENV_ROOT=str(machine.top / "elsewhere"))
    assert found.stdout == f"{hidden}\n"


def test_plain_python3_will_do_if_it_is_new_enough(machine: Machine) -> None:
    plain = machine.put("path/python3", script=_GOOD)
    assert machine.find().stdout == f"{plain}\n"


def test_the_environment_comes_first_unless_it_is_broken(machine: Machine) -> None:
    machine.put("path/python3.13", script=_GOOD)
    ours = machine.put(".venv/bin/python", script=_GOOD)
    assert machine.find().stdout == f"{ours}\n"
    ours.write_text(_SHIM)
    assert "python3.13" in machine.find().stdout


def test_a_python_that_was_moved_gets_its_library_back(machine: Machine) -> None:
    machine.put("moved/lib/libpython3.13.so.1.0", script="")
    moved = machine.put("moved/bin/python3.13", script=_MOVED)
    path = f"{moved.parent}:{machine.top}/tools"
    assert machine.find(PATH=path).stdout == f"{moved}\n"


def test_arguments_are_run_with_what_is_found(machine: Machine) -> None:
    script = _GOOD + 'case "$*" in "-m any") echo "runs $*";; esac\n'
    machine.put("path/python3.13", script=script)
    assert machine.find("-m", "any").stdout == "runs -m any\n"


def test_uv_s_python_is_taken_when_nothing_else_is_there(machine: Machine) -> None:
    machine.put("path/uv", script='#!/bin/sh\n[ "$2" = find ] && echo /uv/python\n')
    assert machine.find().stdout == "/uv/python\n"


def test_without_any_it_says_what_was_found_and_what_to_do(machine: Machine) -> None:
    machine.put("path/python3", script=_OLD)
    machine.put("path/python3.13", script=_SHIM)
    found = machine.find()
    assert found.returncode == 1
    assert found.stdout == ""
    assert "python3: 3.11.2" in found.stderr
    assert "python3.13: does not start" in found.stderr
    assert "pyenv install 3.13" in found.stderr
    assert "uv python install 3.13" in found.stderr
