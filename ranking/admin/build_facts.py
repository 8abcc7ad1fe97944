"""A build's manifest as its page shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from catalog.admin.page import Chip

_APART = ("columns", "seconds")
JUDGED_CHIPS = {
    "pass": Chip(words="Kept", icon="check", kind="good"),
    "warn": Chip(words="Watch", icon="warning", kind="warn"),
    "stop": Chip(words="Broken", icon="block", kind="bad"),
    "not_computed": Chip(words="Not computed", icon="help", kind="warn"),
}


@dataclass(frozen=True, kw_only=True)
class ColumnFile:
    """One file of columns; several builds share it while nothing changed."""

    title: str
    rows: int | None
    bytes: int
    seconds: float | None
    facts: str
    hash: str


def column_files(manifest: Mapping[str, Any]) -> Sequence[ColumnFile]:
    seconds = manifest.get("seconds") or {}
    return [
        ColumnFile(
            title=name.replace("_", " ").capitalize(),
            rows=each.get("rows"),
            bytes=each.get("bytes") or 0,
            seconds=seconds.get(name),
            facts=", ".join(
                f"{fact.replace('_', ' ')} {_text(value)}"
                for fact, value in (each.get("facts") or {}).items()
            ),
            hash=str(each.get("hash") or ""),
        )
        for name, each in sorted((manifest.get("columns") or {}).items())
    ]


def further_facts(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return all else, one line for each number or text, nested names joined."""
    left = {name: each for name, each in manifest.items() if name not in _APART}
    return [(name.replace("_", " "), _text(value)) for name, value in _leaves(left)]


def _leaves(document: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in sorted(document.items()):
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{path}{name}: ")
        else:
            yield f"{path}{name}", value


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:g}"
    return msgspec.json.encode(value, enc_hook=str).decode()
