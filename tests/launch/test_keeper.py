"""A child is started again when it dies, and given up when that is in vain."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from recsys_site.embedded.processes import wait_until
from recsys_site.embedded.state import REPOSITORY
from recsys_site.launch import keeper as module
from recsys_site.launch.children import Child
from recsys_site.launch.guard import Guard
from recsys_site.launch.keeper import GivenUpError, Keeper

type Keep = Callable[..., Keeper]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def keep(tmp_path: Path, said: list[str]) -> Iterator[Keep]:
    keepers: list[Keeper] = []
    guard = Guard()

    def keep(script: str, *, patience_seconds: float = 3) -> Keeper:
        command = ("sh", "-c", script)
        child = Child(name="it", command=command, patience_seconds=patience_seconds)
        keeper = Keeper(child, logs=tmp_path, guard=guard, report=said.append)
        keepers.append(keeper)
        keeper.start()
        return keeper

    yield keep
    for keeper in keepers:
        keeper.ask_to_stop()
        keeper.make_stop()
    guard.dismiss()


def _check_for(keeper: Keeper, happened: Callable[[], bool]) -> bool:
    def looked() -> bool:
        keeper.check()
        return happened()

    return wait_until(looked, seconds=20)


def test_a_killed_child_is_started_again_and_that_is_said(
    keep: Keep, said: list[str]
) -> None:
    keeper = keep("exec sleep 60")
    first = keeper.pid
    assert first
    os.kill(first, signal.SIGKILL)
    assert _check_for(keeper, lambda: keeper.pid not in (None, first))
    assert "it died" in said[0]
    assert "SIGKILL" in said[0]


def test_one_that_dies_at_once_is_given_up_with_its_last_words(
    keep: Keep, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LONGEST_PAUSE_SECONDS", 0.01)
    keeper = keep("echo 'no such table'; exit 3")
    with pytest.raises(GivenUpError, match=r"(?s)3 times.*exit code 3.*no such table"):
        _check_for(keeper, lambda: False)
    assert len(said) == 2


def test_one_that_lived_for_a_while_gets_more_chances(
    keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TOO_SOON_SECONDS", 0)
    monkeypatch.setattr(module, "_LONGEST_PAUSE_SECONDS", 0.01)
    keeper = keep(f"echo again; exit 1 # {time.time()}")
    assert _check_for(keeper, lambda: keeper.log.read_text().count("again") > 4)


def test_what_a_dead_child_leaves_behind_ends_before_it_comes_back(keep: Keep) -> None:
    keeper = keep("sleep 60 & echo $! ; exec sleep 60")
    assert keeper.pid
    assert wait_until(lambda: bool(keeper.log.read_text()), seconds=5)
    left_behind = int(keeper.log.read_text())
    os.kill(keeper.pid, signal.SIGKILL)
    assert _check_for(keeper, lambda: not _runs(left_behind))


def test_a_deaf_child_is_ended_when_patience_ends(keep: Keep) -> None:
    keeper = keep(
        "trap '' TERM; echo deaf; while :; do sleep 1; done", patience_seconds=1
    )
    assert wait_until(lambda: bool(keeper.log.read_text()), seconds=5)
    began = time.monotonic()
    keeper.ask_to_stop()
    keeper.make_stop()
    assert keeper.pid is None
    assert 0.9 < time.monotonic() - began < 3


def test_a_child_and_its_own_end_when_the_launcher_is_killed(tmp_path: Path) -> None:
    deaf = "trap '' TERM; sleep 60 & echo $!; while :; do sleep 1; done"
    code = (
        "import sys, time; from pathlib import Path\n"
        "from recsys_site.launch.children import Child\n"
        "from recsys_site.launch.guard import Guard\n"
        "from recsys_site.launch.keeper import Keeper\n"
        "child = Child(name='it', command=('sh', '-c', sys.argv[2]))\n"
        "logs = Path(sys.argv[1])\n"
        "keeper = Keeper(child, logs=logs, guard=Guard(), report=print)\n"
        "keeper.start(); print(keeper.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(tmp_path), deaf]
    log = tmp_path / "it.log"
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=REPOSITORY) as launcher:
        assert launcher.stdout
        child = int(launcher.stdout.readline())
        assert wait_until(lambda: bool(log.read_text()), seconds=5)
        launcher.kill()
    both = {child, int(log.read_text())}
    assert wait_until(lambda: not any(map(_runs, both)), seconds=10)


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
