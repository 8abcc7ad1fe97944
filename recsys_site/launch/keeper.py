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

# Who lives this long has come up.
_STEADY_SECONDS = 30
_TOO_OFTEN = 5
_LONGEST_PAUSE_SECONDS = 30.0
# Shoppers wait for these.
_LONGEST_WEB_PAUSE_SECONDS = 2.0


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
        self.failing = ""
        """How it fails, if it does not stay up; with its last lines in `last_words`."""
        self.last_words = ""

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
        with contextlib.suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, self._process.pid, self.child.nice)
        self._started_at = time.monotonic()

    def check(self) -> None:
        """Start the child again if it died, later each time."""
        if self._process is None:
            if time.monotonic() >= self._start_again_at:
                self._start_again()
        elif (code := self._process.poll()) is not None:
            self._sweep_group()
            self._process = None
            self._plan_restart(_in_words(code))
        elif self.failing and self._lived() >= _STEADY_SECONDS:
            self.failing = ""
            self._report(f"{self.child.name} stays up again")

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

    def _start_again(self) -> None:
        try:
            self.start()
        except OSError as error:  # No memory, no more processes.
            self._started_at = time.monotonic()
            self._plan_restart(str(error))

    def _plan_restart(self, how: str) -> None:
        lived = self._lived()
        self._early_deaths = self._early_deaths + 1 if lived < _STEADY_SECONDS else 0
        pause = self._pause()
        self._start_again_at = time.monotonic() + pause
        if self._early_deaths < _TOO_OFTEN:
            self._report(
                f"{self.child.name} died after {lived:.0f} s ({how});"
                f" starting it again in {pause:.1f} s. Its log: {self.log}"
            )
        elif not self.failing:
            self._give_up(how)

    def _pause(self) -> float:
        longest = _LONGEST_PAUSE_SECONDS
        if self.child.is_web:
            longest = _LONGEST_WEB_PAUSE_SECONDS
        elif self._early_deaths >= _TOO_OFTEN:
            return longest
        return min(0.5 * 2.0**self._early_deaths, longest)

    def _give_up(self, how: str) -> None:
        """Say so once; it is still tried again now and then."""
        lines = _indented(last_lines(self.log))
        self.failing = f"died {_TOO_OFTEN} times soon after its start ({how})"
        self.last_words = f"Last lines of {self.log}:\n{lines}"
        self._report(
            f"{self.child.name} {self.failing}. RecSys goes on without it and tries"
            f" again every {self._pause():.0f} s. {self.last_words}"
        )

    def _lived(self) -> float:
        return time.monotonic() - self._started_at

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
