"""Tie a child's life to its parent's, so that even kill -9 leaves nothing behind.

The kernel signals a child when its parent ends (Linux only). What another system leaves
behind after kill -9, the next `make run` finds and names.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
# Loaded before any fork: a child between fork and exec should not open libraries.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def leash(number: signal.Signals) -> Callable[[], None]:
    """Return a `preexec_fn` that has the child get this signal when we end."""
    parent = os.getpid()

    def tie() -> None:
        if _libc is None:
            return
        _libc.prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # We ended before the call took hold.
            os.kill(os.getpid(), signal.SIGKILL)

    return tie
