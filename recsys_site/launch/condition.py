"""What the launcher lets the desk know: which processes do not stay up.

A file in the state directory, so that `/health` can tell what only the terminal would.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from recsys_site import embedded


def tell(failing: Mapping[str, str]) -> None:
    """Write down what fails, each by its name and in words.

    A full disk keeps it from being told, and nothing else.
    """
    unfinished = _path().with_suffix(".new")
    with suppress(OSError):
        unfinished.write_text(json.dumps(failing))
        unfinished.replace(_path())


def told() -> dict[str, str] | None:
    """Return what fails; None where no launcher runs."""
    try:
        return dict(json.loads(_path().read_text()))
    except (OSError, ValueError):
        return None


def forget() -> None:
    _path().unlink(missing_ok=True)


def _path() -> Path:
    return embedded.state_directory() / "failing.json"
