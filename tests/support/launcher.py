"""`make run` with a state directory and ports of its own."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field

import psutil
import pytest

from recsys_site.launch.addresses import get

from .own_state import OwnState


@dataclass
class Launcher:
    """A launcher on ports of its own, and what it has said so far."""

    state: OwnState
    ports: dict[str, str]
    said: str = ""
    process: subprocess.Popen[str] = field(init=False)

    @property
    def desk(self) -> str:
        return f"http://127.0.0.1:{self.ports['PORT']}"

    @property
    def serve(self) -> str:
        return f"http://127.0.0.1:{self.ports['SERVE_PORT']}"

    def start(self) -> None:
        self.process = self.state.begin(
            "-m", "recsys_site.launch", environment=self.ports
        )
        self.said = ""
        assert self.says("Stop      Ctrl-C"), self.said

    def says(self, words: str) -> bool:
        assert self.process.stdout
        for line in self.process.stdout:
            self.said += line
            if words in line:
                return True
        return False

    def ready(self) -> bool:
        return get("127.0.0.1", port=int(self.ports["PORT"]), path="/readyz")[0] == 200

    def child(self, word: str) -> psutil.Process:
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if word in child.cmdline())

    def runs(self, word: str) -> bool:
        try:
            return self.child(word).is_running()
        except (StopIteration, psutil.NoSuchProcess):
            return False


@pytest.fixture
def launcher(own_state: OwnState) -> Iterator[Launcher]:
    with socket.socket() as one, socket.socket() as other:
        numbers = []
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
            numbers.append(str(probe.getsockname()[1]))
    launcher = Launcher(
        own_state, dict(zip(("PORT", "SERVE_PORT"), numbers, strict=True))
    )
    yield launcher
    if launcher.process.poll() is None:
        launcher.process.kill()
        launcher.process.communicate()
