"""Where decisions wait for the database: files that a killed process leaves whole.

Every process appends to a segment of its own, FILES_ROOT/spool/<host>/<process>.open,
one write per record before the answer leaves. The drainer reads closed segments and
closes those that have stayed open for a while; who writes or closes a segment holds its
lock, and who comes to write and finds it renamed starts another.
"""

from .condition import SpoolState, state
from .sampling import wants_trace
from .writer import SpoolRefusedError, append, append_bare, flush

__all__ = [
    "SpoolRefusedError",
    "SpoolState",
    "append",
    "append_bare",
    "flush",
    "state",
    "wants_trace",
]
