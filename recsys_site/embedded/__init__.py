"""PostgreSQL and Valkey that need no installation."""

from .addresses import Addresses, addresses
from .state import state_directory, testing
from .supervisor import ServerError, start, stop

__all__ = [
    "Addresses",
    "ServerError",
    "addresses",
    "start",
    "state_directory",
    "stop",
    "testing",
]
