"""The ports to listen on, and whether somebody else does. Standard library only."""

from __future__ import annotations

import errno
import os
import socket

DEFAULTS = {"PORT": 8000, "SERVE_PORT": 8001}


def host() -> str:
    """Return where to listen; only HOST opens the platform to other machines."""
    return os.environ.get("HOST") or "127.0.0.1"


def port(variable: str) -> int:
    return int(os.environ.get(variable) or DEFAULTS[variable])


def problem() -> str:
    """Return what stands in the way of listening, in a sentence, or nothing."""
    if words := misspelt():
        return words
    for variable in DEFAULTS:
        number = port(variable)
        if error := _cannot_listen(number):
            return (
                f"Cannot listen on {host()} port {number}: {error}. Stop what uses it,"
                f" or choose another port: `make run {variable}={number + 10}`."
            )
    return ""


def misspelt() -> str:
    """Return which variable cannot be right, whoever listens, or nothing."""
    for variable in DEFAULTS:
        try:
            port(variable)
        except ValueError:
            return f"{variable} must be a number, not {os.environ[variable]!r}."
    if port("PORT") == port("SERVE_PORT"):
        return f"PORT and SERVE_PORT are both {port('PORT')}; they must differ."
    return ""


def _cannot_listen(number: int) -> str:
    family = socket.AF_INET6 if ":" in host() else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do, or a server that ended a minute ago would seem to be there.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host(), number))
            probe.listen(1)
        except (OSError, OverflowError) as error:
            in_use = getattr(error, "errno", None) == errno.EADDRINUSE
            return "it is in use" if in_use else str(error)
    return ""
