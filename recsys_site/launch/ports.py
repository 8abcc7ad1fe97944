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
    """Return what stands in the way of listening, in a sentence or two, or nothing."""
    if words := misspelt():
        return words
    errors = {variable: _cannot_listen(port(variable)) for variable in DEFAULTS}
    taken = [variable for variable, error in errors.items() if error]
    if not taken:
        return ""
    said = [
        f"Cannot listen on {host()} port {port(variable)}: {errors[variable]}."
        for variable in taken
    ]
    others = " ".join(f"{variable}={_another(port(variable))}" for variable in taken)
    return " ".join(
        [*said, f"Stop what uses it, or choose another: `make run {others}`."]
    )


def _another(number: int) -> int:
    """Return a port near by that is free now."""
    nearby = range(number + 10, number + 1000, 10)
    return next((free for free in nearby if not _cannot_listen(free)), number + 10)


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
