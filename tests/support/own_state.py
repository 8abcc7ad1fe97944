"""A state directory of one test's own, for code that must not know of tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from recsys_site.embedded.processes import wait_until
from recsys_site.embedded.state import REPOSITORY

_OF_TESTS = ("PYTEST_VERSION", "RECSYS_TEST_SESSION")
_CONFIGURED = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_READ_URL", "REDIS_URL")
_LISTENING = ("HOST", "PORT", "SERVE_PORT", "RECSYS_AUTH")
_START = "from recsys_site import embedded; embedded.start(report=print)"


@dataclass(frozen=True, kw_only=True)
class OwnState:
    """Runs Python as an operator would, on a state directory that nobody else uses."""

    directory: Path

    @property
    def environment(self) -> dict[str, str]:
        dropped = (*_OF_TESTS, *_CONFIGURED, *_LISTENING)
        kept = {name: os.environ[name] for name in os.environ if name not in dropped}
        return kept | {"RECSYS_STATE_DIR": str(self.directory)}

    def begin(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=REPOSITORY,
            env=self.environment | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, code: str, **environment: str) -> str:
        process = self.begin("-c", code, environment=environment)
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0, output
        return output

    def start(self) -> str:
        return self.run(_START)

    def start_at_once(self, count: int) -> list[str]:
        """Start from several processes that know nothing of each other."""
        processes = [self.begin("-c", _START) for _ in range(count)]
        outputs = [process.communicate(timeout=90)[0] for process in processes]
        assert [process.returncode for process in processes] == [0] * count, outputs
        return outputs

    def servers(self, name: str) -> list[psutil.Process]:
        """Return the live servers of this directory: postmasters, or Valkeys."""
        found = {
            process.pid: process
            for process in self._processes()
            if _asked(process.name) == name
        }
        return [own for own in found.values() if _asked(own.ppid) not in found]

    def left(self) -> list[list[str] | None]:
        """Return the commands of what still runs here after a moment, at best none."""
        wait_until(lambda: not self._processes(), seconds=20)
        return [_asked(process.cmdline) for process in self._processes()]

    def end(self) -> None:
        for process in self._processes():
            _asked(process.kill)
        assert not self.left()
        shutil.rmtree(self.directory)

    def _processes(self) -> list[psutil.Process]:
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            if Path(process.cwd()).is_relative_to(self.directory):
                return True
            return process.environ().get("RECSYS_STATE_DIR") == str(self.directory)
        except psutil.Error:
            return False


@pytest.fixture
def own_state() -> Iterator[OwnState]:
    # Not pytest's tmp_path, which lies in a directory closed to the servers' account.
    directory = Path(tempfile.mkdtemp(prefix="recsys-own-"))
    directory.chmod(0o711)
    state = OwnState(directory=directory)
    yield state
    state.end()


def _asked[Answer](question: Callable[[], Answer]) -> Answer | None:
    """Return the answer of a process, or None if it ended meanwhile."""
    try:
        return question()
    except psutil.NoSuchProcess:
        return None
