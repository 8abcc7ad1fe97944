"""Which page is rendered by what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from . import (
    commands,
    database,
    default_profiles,
    guardrails,
    knobs,
    measures,
    routes,
    settings,
    traces,
)

FOLDER = Path("docs/reference")

PAGES: dict[str, Callable[[], str]] = {
    "api.md": routes.render,
    "commands.md": commands.render,
    "database.md": database.render,
    "default-profiles.md": default_profiles.render,
    "guardrails.md": guardrails.render,
    "knobs.md": knobs.render,
    "measures.md": measures.render,
    "openapi.yaml": routes.openapi,
    "settings.md": settings.render,
    "trace-format.md": traces.render,
}


def write(root: Path) -> list[Path]:
    """Write every page below `root` and return the ones that changed."""
    changed = out_of_step(root)
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PAGES[path.name]())
    return changed


def out_of_step(root: Path) -> list[Path]:
    """Return the pages whose file says something else than the code."""
    stale = []
    for name, render in PAGES.items():
        path = root / FOLDER / name
        if not path.exists() or path.read_text() != render():
            stale.append(path)
    return stale
