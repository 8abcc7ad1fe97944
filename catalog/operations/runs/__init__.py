"""Long work that can be followed, cancelled, and survives whoever does it.

The story of a Run: `start_run` writes its row in the caller's transaction and sends a
message when that commits. `execute` claims the row by a lease, renewed by a thread of
its own, calls the executor that the settings name for the kind, and writes down how it
ended. Whoever takes over an expired lease raises the fencing token; from then on every
write of the former holder is refused. `resend_unclaimed`, called by beat, sends again
what nobody claimed: the rows are the truth, the broker only makes them quick.

An executor gets a `RunHandle` and is called outside any transaction. It saves its
place with `handle.checkpoint()` inside the transaction of the work that it covers.
"""

from .control import AlreadyOverError, cancel_run, find_run, get_run
from .execution import Executor, RunFailedError, UnknownKindError, execute
from .handle import (
    STOPPED,
    LeasedHandle,
    LeaseLostError,
    Outcome,
    RunCancelledError,
    RunHandle,
    Unattended,
)
from .limits import RunTooLongError, TimeLimit
from .resending import resend_unclaimed
from .starting import RunDetails, start_run, start_run_once

__all__ = [
    "STOPPED",
    "AlreadyOverError",
    "Executor",
    "LeaseLostError",
    "LeasedHandle",
    "Outcome",
    "RunCancelledError",
    "RunDetails",
    "RunFailedError",
    "RunHandle",
    "RunTooLongError",
    "TimeLimit",
    "Unattended",
    "UnknownKindError",
    "cancel_run",
    "execute",
    "find_run",
    "get_run",
    "resend_unclaimed",
    "start_run",
    "start_run_once",
]
