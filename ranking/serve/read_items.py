"""Items that serving had to read from the tables, kept for the day of a replay.

Where there is no snapshot and the feed tells of a change too large for it, nothing but
the tables says what there is; a second later they say something else. So what was read
goes into a file named by its content, which the trace of each answer names, and the
changes after it come from the feed as ever.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import structlog
import zstandard
from django.conf import settings

from catalog.core import feed
from catalog.core.feed import ItemState
from ranking.core.empty import empty_snapshot
from ranking.core.world import World
from ranking.signals.layout import items_path

from .overlays import with_states

log = structlog.get_logger(__name__)

# Under this name the world knows, and the trace tells, what was read.
READ_ITEMS = "read_items"


class ReadItems(msgspec.Struct, frozen=True):
    """What was read: SHA-256 of the file, in hex, and the change that it stands for."""

    hash: str
    """Empty when it could not be kept."""
    change_number: int


class NotKeptError(LookupError):
    """The items that an answer was given from are not kept, or not any more."""


def world_of_items(
    namespace_id: int, states: Sequence[ItemState], *, number: int
) -> World:
    """Return a world of items as read, which can be made again from what is kept."""
    packed = feed.encode(states)
    read = ReadItems(hash=_keep(namespace_id, packed), change_number=number)
    return _world(states, read)


def world_again(namespace_id: int, told: dict[str, Any]) -> tuple[World, int]:
    """Return the world that a trace tells of, and the change that it stands for.

    Raises
    ------
    NotKeptError
        If its file is gone.
    """
    read = msgspec.convert(told, ReadItems)
    try:
        packed = items_path(_root(), namespace_id, read.hash).read_bytes()
        states = feed.decode(packed)
    except (OSError, msgspec.DecodeError, zstandard.ZstdError) as error:
        raise NotKeptError(read.hash) from error
    return _world(states, read), read.change_number


def told_of(world: World) -> dict[str, Any] | None:
    """Return what the trace tells of a world's items, if they were read."""
    read: dict[str, Any] | None = world.snapshot.manifest.get(READ_ITEMS)
    return read


def _world(states: Sequence[ItemState], read: ReadItems) -> World:
    snapshot = replace(
        empty_snapshot(change_number=read.change_number),
        manifest={READ_ITEMS: msgspec.to_builtins(read)},
    )
    return with_states(World.of(snapshot), states, number=read.change_number)


def _keep(namespace_id: int, packed: bytes) -> str:
    name = hashlib.sha256(packed).hexdigest()
    path = items_path(_root(), namespace_id, name)
    unfinished = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(packed)
        unfinished.replace(path)
    except OSError as error:
        log.error("read_items_not_kept", path=str(path), exc_info=error)
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        return ""
    return name


def _root() -> Path:
    return Path(settings.FILES_ROOT)
