"""The fixtures that are shipped."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings


def templates() -> dict[str, Path]:
    """Return the shipped templates by name."""
    folder = Path(settings.FIXTURES_ROOT) / "templates"
    return {path.stem: path for path in sorted(folder.glob("*.json"))}
