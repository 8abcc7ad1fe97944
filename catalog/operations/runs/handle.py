"""What an executor holds in its hand while it works."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol

from celery.exceptions import SoftTimeLimitExceeded

from catalog.models import Namespace, Run

from .journal import Journal
from .leases import LEASE, Report, save_checkpoint
from .limits import RunTooLongError, TimeLimit

log = logging.getLogger(__name__)

type Json = Mapping[str, Any]

_NUMBER = re.compile(r"\d[\d.,]*")


class LeaseLostError(Exception):
    """Another worker has taken this Run over: stop, and write nothing more."""


class RunCancelledError(Exception):
    """Somebody asked for this Run to end."""


STOPPED = (LeaseLostError, RunCancelledError, RunTooLongError, SoftTimeLimitExceeded)
"""What ends work from outside and is no fault of it: who catches all passes it on."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a Run leaves behind: figures, and a page or file to look at."""

    result: Json = field(default_factory=dict)
    url: str = ""


class RunHandle(Protocol):
    """How long work tells where it is and hears that it should end."""

    def progress(self, fraction: float, doing: str = "") -> None:
        """Say how much is done, in [0, 1], and what is being done now. Cheap."""

    def checkpoint(self, place: Json) -> None:
        """Save where to go on, in the transaction of the work done up to there.

        Call it last in that transaction: it locks the Run's row.
        """

    def check_cancelled(self) -> None:
        """Raise when somebody cancelled the Run or another worker took it over."""


class Unattended:
    """A handle for work that runs without a Run, say inside another command."""

    def progress(self, fraction: float, doing: str = "") -> None:
        del fraction, doing

    def checkpoint(self, place: Json) -> None:
        del place

    def check_cancelled(self) -> None: ...


class LeasedHandle:
    """The handle of a claimed Run.

    Only memory is shared with the thread that renews the lease: the executor may be
    inside a transaction, where a progress written by itself would show to nobody.
    """

    def __init__(self, run: Run, *, limit: TimeLimit | None = None) -> None:
        self.run = run
        self.limit = limit
        self.journal = Journal(str(run.pk), earlier=run.log)
        self.org_id = run.org_id
        self.parameters: Json = run.parameters
        self.start: Json = run.checkpoint
        self._lock = Lock()
        self._fraction = run.progress
        self._doing = run.doing
        self._step = ""
        self._first: tuple[float, float] | None = None
        self._begun = self._renewed = time.monotonic()
        self._lost = self._cancelled = False

    @property
    def namespace(self) -> Namespace:
        # Not a tenant row itself: it may be read outside the org's scope.
        return Namespace.objects.get(pk=self.run.namespace_id)

    def progress(self, fraction: float, doing: str = "") -> None:
        now = time.monotonic()
        with self._lock:
            self._fraction = min(1.0, max(0.0, fraction))
            self._doing = doing or self._doing
            # A resumed Run begins at its checkpoint, not at nothing.
            self._first = self._first or (now, self._fraction)
        self._note(doing)

    def checkpoint(self, place: Json) -> None:
        self.check_cancelled()
        if not save_checkpoint(self.run, place=place):
            self._lost = True
            raise LeaseLostError(f"Run {self.run.pk} was taken over.")

    def check_cancelled(self) -> None:
        with self._lock:
            silent = time.monotonic() - self._renewed > LEASE.total_seconds()
            lost, cancelled = self._lost or silent, self._cancelled
        if lost:
            raise LeaseLostError(f"The lease of Run {self.run.pk} has run out.")
        if cancelled:
            raise RunCancelledError(f"Run {self.run.pk} was cancelled.")
        if self.limit and self.seconds_at_work() > self.limit.soft:
            raise RunTooLongError(self.limit.in_words())

    def _note(self, doing: str) -> None:
        """Log what is done now, once for all that differ by their numbers alone."""
        step = _NUMBER.sub("", doing)
        if step and step != self._step:
            self._step = step
            log.info("%s", doing)

    def seconds_at_work(self) -> float:
        return time.monotonic() - self._begun

    def report(self) -> Report:
        """Return what the thread that renews the lease shall write."""
        with self._lock:
            return Report(
                progress=self._fraction,
                doing=self._doing[:200],
                eta=self._eta(),
                log=self.journal.lines(),
            )

    def heard(self, *, held: bool, cancelled: bool) -> None:
        """Take in what that thread learnt from the row."""
        with self._lock:
            self._lost = self._lost or not held
            self._cancelled = self._cancelled or cancelled
            if held:
                self._renewed = time.monotonic()

    def _eta(self) -> float | None:
        if self._first is None:
            return None
        since, begun_at = self._first
        return seconds_left(
            elapsed=time.monotonic() - since,
            done=self._fraction - begun_at,
            to_do=1.0 - self._fraction,
        )


def seconds_left(*, elapsed: float, done: float, to_do: float) -> float | None:
    """Return how long the rest takes at the speed so far; None before there is one."""
    if done <= 0 or elapsed <= 0:
        return None
    return round(elapsed * to_do / done, 1)
