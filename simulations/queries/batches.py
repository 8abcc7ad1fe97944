"""Batch manifests: several simulations in one file, read strictly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

_RENAMED = {
    "env_profile": "profile",
    "item_count": "items",
    "user_count": "users",
    "min_events": "events",
    "fixture_path": "fixture",
    "quality_limit_users": "max_users",
}


class BatchError(ValueError):
    """A manifest cannot be used. The message names file, place and fault."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One simulation of a batch; what it leaves out the command line says."""

    customer: str
    namespace: str | None = None
    profile: str | None = None
    fixture: str | None = None
    items: int | None = None
    users: int | None = None
    events: int | None = None
    seed: int | None = None
    max_users: int | None = None
    guardrails_file: str | None = None
    given: dict[str, str] = {}
    limits: dict[str, float] = {}
    skip: list[str] = []


def read_batch(path: Path) -> list[Entry]:
    """Return the entries of a manifest: a list, or an object with `runs`.

    Raises
    ------
    BatchError
    """
    try:
        text = path.read_text(encoding="utf-8")
        is_json = path.suffix == ".json"
        document = json.loads(text) if is_json else yaml.safe_load(text)
    except OSError as error:
        raise BatchError(f"{path}: {error.strerror}") from error
    except (ValueError, yaml.YAMLError) as error:
        raise BatchError(f"{path}: {error}") from error
    runs = document.get("runs") if isinstance(document, Mapping) else document
    if not isinstance(runs, list) or not runs:
        raise BatchError(f"{path}: $: It must hold a list of runs.")
    return [_entry(path, place, each) for place, each in enumerate(runs)]


def _entry(path: Path, place: int, told: Any) -> Entry:
    if isinstance(told, Mapping):
        told = {_RENAMED.get(key, key): value for key, value in told.items()}
    try:
        entry = msgspec.convert(told, Entry)
    except msgspec.ValidationError as error:
        fault, _, where = str(error).partition(" - at ")
        inner = where.strip("`").removeprefix("$")
        raise BatchError(f"{path}: $.runs[{place}]{inner}: {fault}") from error
    if entry.fixture is not None and (path.parent / entry.fixture).is_file():
        here = str((path.parent / entry.fixture).absolute())
        return msgspec.structs.replace(entry, fixture=here)
    return entry
