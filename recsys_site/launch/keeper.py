"""Keep one child running: start it, notice its death, start it again, stop it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from recsys_site.embedded.failure import last_lines
from recsys_site.embedded.leash import leash
from recsys_site.embedded.state import REPOSITORY

from .children import Child
from .guard import Guard

_TOO_SOON_SECONDS = 5
_TOO_OFTEN = 3
_LONGEST_PAUSE_SECONDS = 30


class GivenUpError(RuntimeError):
    """A child that dies as soon as it is started; the message shows its last lines."""


class Keeper:
    """One child, its log and its history of deaths."""

    def __init__(
        self,
        child: Child,
        *,
        logs: Path,
        guard: Guard,
        report: Callable[[str], None],
    ) -> None:
        self.child = child
        self._guard = guard
        self.log = logs / f"{child.name}.log"
        self._report = report
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_again_at = 0.0
        self._early_deaths = 0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.child.command,
                cwd=REPOSITORY,
                env={**os.environ, **self.child.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Its own group: Ctrl-C is for the launcher, and the group dies whole.
                start_new_session=True,
                preexec_fn=leash(signal.SIGTERM),  # noqa: PLW1509  # One thread.
            )
        self._guard.watch(self._process.pid)
        self._started_at = time.monotonic()

    def check(self) -> None:
        """Start the child again if it died, later each time; raise if that is vain."""
        if self._process is None:
            if time.monotonic() >= self._start_again_at:
                self.start()
        elif (code := self._process.poll()) is not None:
            self._sweep_group()
            self._process = None
            self._plan_restart(code)

    def ask_to_stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()

    def make_stop(self) -> None:
        """Wait for as long as the child deserves, then end its whole group."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=self.child.patience_seconds)
        self._sweep_group()
        self._process.wait()
        self._process = None

    def _plan_restart(self, code: int) -> None:
        lived = time.monotonic() - self._started_at
        self._early_deaths = self._early_deaths + 1 if lived < _TOO_SOON_SECONDS else 0
        if self._early_deaths >= _TOO_OFTEN:
            raise GivenUpError(
                f"{self.child.name} died {_TOO_OFTEN} times right after its start"
                f" ({_in_words(code)}). Last lines of {self.log}:\n"
                + _indented(last_lines(self.log))
            )
        pause = min(0.5 * 2**self._early_deaths, _LONGEST_PAUSE_SECONDS)
        self._start_again_at = time.monotonic() + pause
        self._report(
            f"{self.child.name} died after {lived:.0f} s ({_in_words(code)});"
            f" starting it again in {pause:.1f} s. Its log: {self.log}"
        )

    def _sweep_group(self) -> None:
        """End what the child leaves: workers whose master was killed hold its port."""
        if self._process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._guard.forget(self._process.pid)


def _in_words(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def _indented(lines: Sequence[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)
