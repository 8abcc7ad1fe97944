"""A child is started again when it dies, and given up when that is in vain."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from recsys_site.embedded.processes import wait_until
from recsys_site.embedded.state import REPOSITORY
from recsys_site.launch import keeper as module
from recsys_site.launch.children import Child
from recsys_site.launch.guard import Guard
from recsys_site.launch.keeper import Keeper

type Keep = Callable[..., Keeper]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def keep(tmp_path: Path, said: list[str]) -> Iterator[Keep]:
    keepers: list[Keeper] = []
    guard = Guard()

    def keep(script: str, **of_the_child: Any) -> Keeper:
        child = Child(name="it", command=("sh", "-c", script), **of_the_child)
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

    assert _check_for(keeper, lambda: bool(keeper.failing))

    assert "5 times" in keeper.failing
    assert "exit code 3" in keeper.failing
    assert "no such table" in said[-1]
    assert "goes on without it" in said[-1]


def test_one_that_was_given_up_is_tried_again_without_a_word(
    keep: Keep, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LONGEST_PAUSE_SECONDS", 0.01)
    keeper = keep("echo again; exit 1")

    assert _check_for(keeper, lambda: keeper.log.read_text().count("again") > 8)

    assert len(said) == 5


def test_one_that_stays_up_at_last_is_said_to(
    keep: Keep, said: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "_LONGEST_PAUSE_SECONDS", 0.01)
    repaired = tmp_path / "repaired"
    keeper = keep(f"test -e {repaired} && exec sleep 60; exit 1")
    assert _check_for(keeper, lambda: bool(keeper.failing))

    repaired.touch()
    assert _check_for(keeper, lambda: keeper.pid is not None and _sleeps(keeper.pid))
    monkeypatch.setattr(module, "_STEADY_SECONDS", 0)
    keeper.check()

    assert not keeper.failing
    assert said[-1] == "it stays up again"


def test_each_death_in_a_row_is_waited_for_longer(keep: Keep, said: list[str]) -> None:
    keeper = keep("exec sleep 60")
    for _ in range(3):
        assert _check_for(keeper, lambda: keeper.pid is not None)
        assert keeper.pid
        os.kill(keeper.pid, signal.SIGKILL)
        assert _check_for(keeper, lambda: keeper.pid is None)

    pauses = [float(re.findall(r"in ([0-9.]+) s", line)[0]) for line in said]
    assert pauses == [1.0, 2.0, 4.0]
    assert not keeper.failing


def test_nobody_waits_long_for_the_web(keep: Keep, said: list[str]) -> None:
    keeper = keep("exit 1", is_web=True)
    assert _check_for(keeper, lambda: len(said) > 3)

    pauses = [float(re.findall(r"in ([0-9.]+) s", line)[0]) for line in said]
    assert pauses == [1.0, 2.0, 2.0, 2.0]


def test_one_that_lived_for_a_while_begins_anew(
    keep: Keep, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_STEADY_SECONDS", 0)
    monkeypatch.setattr(module, "_LONGEST_PAUSE_SECONDS", 0.01)
    keeper = keep("echo again; exit 1")
    assert _check_for(keeper, lambda: keeper.log.read_text().count("again") > 6)
    assert not keeper.failing


def test_a_child_may_give_way_to_the_others(keep: Keep) -> None:
    keeper = keep("exec sleep 60", nice=7)
    assert keeper.pid
    assert os.getpriority(os.PRIO_PROCESS, keeper.pid) == 7


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


def _sleeps(pid: int) -> bool:
    return psutil.Process(pid).name() == "sleep"


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
