"""The profiles that are shipped: one for each template, one for the demo."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings


def shipped_profiles() -> dict[str, Path]:
    """Return the files of the shipped profiles by name."""
    folder = Path(settings.FIXTURES_ROOT) / "profiles"
    return {path.stem: path for path in sorted(folder.glob("*.json"))}


def shipped_profile(name: str) -> Mapping[str, Any]:
    """Return what a shipped profile says, and how that was found.

    Raises
    ------
    KeyError
        If none of that name is shipped.
    """
    found: Mapping[str, Any] = msgspec.json.decode(
        shipped_profiles()[name].read_bytes()
    )
    return found
