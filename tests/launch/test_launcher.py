"""`make run` as its user meets it: it comes up, it can be used, it leaves nothing."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess

import pytest

from recsys_site.embedded.processes import wait_until
from tests.support.launcher import Launcher

pytestmark = [pytest.mark.processes, pytest.mark.timeout(600)]


def test_it_comes_up_is_used_and_leaves_nothing(launcher: Launcher) -> None:
    launcher.start()
    assert launcher.ready()
    _calls_can_be_pasted(launcher)
    _a_second_one_says_that_the_first_runs(launcher)
    _ctrl_c_twice_stops_everything(launcher)


@pytest.mark.prove
def test_what_is_killed_comes_back_and_kill_9_leaves_nothing(
    launcher: Launcher,
) -> None:
    launcher.start()
    _a_killed_desk_comes_back(launcher)
    _a_worker_killed_again_and_again_takes_nothing_along(launcher)
    _kill_9_leaves_nothing(launcher)


def _calls_can_be_pasted(launcher: Launcher) -> None:
    calls = re.findall(r"curl .*", launcher.said)
    assert len(calls) == 3
    if shutil.which("curl"):
        for call in calls:
            command = ["sh", "-c", call.replace("curl ", "curl -fsS -m 20 ", 1)]
            done = subprocess.run(command, check=False, capture_output=True)
            assert done.returncode == 0, done.stderr


def _a_second_one_says_that_the_first_runs(launcher: Launcher) -> None:
    second = launcher.state.begin(
        "-m", "recsys_site.launch", environment=launcher.ports
    )
    output, _ = second.communicate(timeout=90)
    assert second.returncode == 1
    assert f"already runs at http://localhost:{launcher.ports['PORT']}" in output
    assert launcher.ready()


def _a_killed_desk_comes_back(launcher: Launcher) -> None:
    launcher.child("recsys_site.wsgi:application").kill()
    assert launcher.says("desk died")
    assert wait_until(launcher.ready, seconds=60)


def _a_worker_killed_again_and_again_takes_nothing_along(launcher: Launcher) -> None:
    for _ in range(3):
        assert wait_until(lambda: launcher.runs("worker"), seconds=20)
        worker = launcher.child("worker")
        assert worker.nice() > 0
        worker.kill()
        assert launcher.says("worker died")
    assert launcher.process.poll() is None
    assert wait_until(launcher.ready, seconds=20)
    assert launcher.child("recsys_site.wsgi_serve:application").nice() == 0


def _ctrl_c_twice_stops_everything(launcher: Launcher) -> None:
    launcher.process.send_signal(signal.SIGINT)
    launcher.process.send_signal(signal.SIGINT)
    output, _ = launcher.process.communicate(timeout=60)
    assert launcher.process.returncode == 0, output
    assert "Stopped" in output
    assert not launcher.state.left()


def _kill_9_leaves_nothing(launcher: Launcher) -> None:
    launcher.process.kill()
    launcher.process.communicate()
    assert wait_until(lambda: not launcher.state.left(), seconds=10)
