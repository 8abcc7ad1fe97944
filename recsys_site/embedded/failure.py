"""How an embedded server fails."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class ServerError(RuntimeError):
    """A server did not start or stop; the message is for the person at the terminal."""


def with_log(sentence: str, *, log: Path) -> ServerError:
    """Return an error that shows the last lines of the server's log."""
    return ServerError(
        "\n  ".join([sentence, f"Last lines of {log}:", *last_lines(log)])
    )


def last_lines(log: Path, *, count: int = 12) -> Sequence[str]:
    try:
        text = log.read_text(errors="replace")
    except OSError:
        return ["(no log)"]
    return text.splitlines()[-count:]
