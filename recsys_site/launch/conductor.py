"""Start the whole platform, keep it running, stop it in order."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time

from recsys_site import embedded
from recsys_site.embedded.configured import prepare_configured
from recsys_site.embedded.failure import last_lines
from recsys_site.embedded.leash import leash
from recsys_site.embedded.state import REPOSITORY

from . import condition, logs, welcome
from .addresses import Listening
from .children import all_children, counts_directory
from .guard import Guard
from .keeper import Keeper
from .progress import Progress
from .servers import Servers
from .stop_request import StopRequest

_TURN_SECONDS = 0.2
_PATIENCE_SECONDS = 15


class PreparationError(RuntimeError):
    """Tables, static files or demo shop could not be prepared."""


class GivenUpError(RuntimeError):
    """The web does not come up; the message shows its last lines."""


class Platform:
    """The servers, the children and what the terminal is told of them."""

    def __init__(
        self, *, listening: Listening, progress: Progress, stop: StopRequest
    ) -> None:
        self._listening = listening
        self._progress = progress
        self._stop = stop
        self._state = embedded.state_directory()
        self._logs = self._state / "logs"
        self._servers = Servers(report=progress.report)
        self._guard = Guard()
        self._keepers: list[Keeper] = []
        self._ready = False
        self._told: dict[str, str] | None = None
        self._next_word_at = 0.0

    def run(self) -> None:
        """Run until asked to stop."""
        try:
            self._servers.start()
            prepare_configured(embedded.addresses())
            self._prepare()
            self._start_children()
            while not self._stop.came:
                self._servers.check()
                self._check_children()
                if not self._ready:
                    self._look_whether_ready()
                time.sleep(_TURN_SECONDS)
        finally:
            self._stop_everything()

    def _prepare(self) -> None:
        log = self._logs / "prepare.log"
        logs.rotate(log)
        module = "recsys_site.launch.prepare"
        with log.open("ab") as errors:
            preparing = subprocess.Popen(
                [sys.executable, "-m", module, str(self._progress.began)],
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
                preexec_fn=leash(signal.SIGTERM),  # noqa: PLW1509  # One thread.
            )
        while preparing.poll() is None:
            if self._stop.came:
                preparing.terminate()
                preparing.wait()
                return
            time.sleep(_TURN_SECONDS)
        if preparing.returncode != 0:
            lines = "\n    ".join(last_lines(log, count=25))
            raise PreparationError(f"Preparing failed. See {log}:\n    {lines}")

    def _start_children(self) -> None:
        if self._stop.came:
            return
        # Of processes that are no more.
        shutil.rmtree(counts_directory(), ignore_errors=True)
        children = all_children(
            host=self._listening.host,
            port=self._listening.port,
            serve_port=self._listening.serve_port,
        )
        for child in children:
            keeper = Keeper(
                child,
                logs=self._logs,
                guard=self._guard,
                report=self._progress.report,
            )
            logs.rotate(keeper.log)
            self._keepers.append(keeper)
            keeper.start()
        self._next_word_at = time.monotonic() + _PATIENCE_SECONDS
        names = ", ".join(child.name for child in children)
        self._progress.report(f"Started {names}; waiting for the desk")

    def _check_children(self) -> None:
        """Keep every child running; what fails for good takes no other along."""
        for keeper in self._keepers:
            keeper.check()
            if keeper.failing and keeper.child.is_web and not self._ready:
                raise GivenUpError(
                    f"{keeper.child.name} {keeper.failing}. {keeper.last_words}"
                )
        failing = {keeper.child.name: keeper.failing for keeper in self._keepers}
        failing = {name: words for name, words in failing.items() if words}
        if failing != self._told:
            self._told = failing
            condition.tell(failing)

    def _look_whether_ready(self) -> None:
        self._ready, words = self._listening.ready()
        if self._ready:
            self._progress.report("Ready")
            self._progress.show(welcome.text(self._listening, state=self._state))
        elif time.monotonic() > self._next_word_at:
            self._next_word_at = time.monotonic() + _PATIENCE_SECONDS
            self._progress.report(
                f"Still waiting for the desk: {words.strip()}. Its log:"
                f" {self._logs / 'desk.log'}"
            )

    def _stop_everything(self) -> None:
        self._progress.report("Stopping")
        web = [keeper for keeper in self._keepers if keeper.child.is_web]
        others = [keeper for keeper in self._keepers if not keeper.child.is_web]
        # Backwards: nobody gives work to a worker that left. The web leaves together.
        for keeper in reversed(others):
            keeper.ask_to_stop()
            keeper.make_stop()
        for keeper in web:
            keeper.ask_to_stop()
        for keeper in web:
            keeper.make_stop()
        self._guard.dismiss()
        self._servers.stop()
        condition.forget()
        self._progress.report("Stopped")
