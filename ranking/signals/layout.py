"""What a packed snapshot looks like in bytes, for the one who writes and who reads.

::

    0   8 bytes   magic
    8   uint32    version of this layout
    12  uint32    0
    16  uint64    length of the manifest
    24  uint64    length of the file
    32  32 bytes  SHA-256 of the manifest: the snapshot's content hash
    64            manifest (JSON), then the columns, each at a multiple of 64 bytes

All numbers are little endian. The manifest holds the SHA-256 of every column, so that
its own hash stands for the whole content; it holds no time and no duration of the
build, so that equal content has equal bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import numpy as np
from numpy.typing import NDArray

from ranking.core.snapshot import Snapshot

MAGIC = b"RECSNAP\x00"
VERSION = 2
HEADER = struct.Struct("<8sIIQQ32s")
ALIGNMENT = 64

type Arrays = dict[str, NDArray[Any]]


class Column(msgspec.Struct, frozen=True, array_like=True):
    """Where a column lies, counted from the end of the manifest."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """All of a snapshot that is not an array."""

    as_of_us: int
    change_number: int
    last_event_id: int
    factor_alpha: float
    about: dict[str, Any]
    columns: list[Column]


class DamagedSnapshotError(ValueError):
    """A file is no snapshot of this layout, or not all of one."""


def align(offset: int) -> int:
    """Return the next multiple of 64.

    >>> align(65)
    128
    """
    return -(-offset // ALIGNMENT) * ALIGNMENT


def snapshot_path(files_root: Path, namespace_id: int, content_hash: bytes) -> Path:
    """Return where a namespace's snapshot lies."""
    directory = files_root / "snapshots" / str(namespace_id)
    return directory / f"{content_hash.hex()}.snapshot"


def items_path(files_root: Path, namespace_id: int, content_hash: str) -> Path:
    """Return where items lie that serving read from the tables."""
    return files_root / "items" / str(namespace_id) / f"{content_hash}.items"


def flatten(snapshot: Snapshot) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield every array of a snapshot under its dotted name, in a fixed order."""
    yield from _flatten(snapshot, prefix="")


def unflatten(arrays: Arrays, scalars: Mapping[str, Any]) -> Snapshot:
    """Put a snapshot together from arrays under their dotted names."""
    members: dict[str, Any] = {
        field: _unflatten(cls, arrays, prefix=f"{field}.")
        for field, cls in _PARTS.items()
        # A part that a snapshot was packed without keeps its default.
        if any(name.startswith(f"{field}.") for name in arrays)
    }
    members |= {name: array for name, array in arrays.items() if "." not in name}
    return Snapshot(**members, **scalars)


def _nested(cls: type) -> dict[str, Any]:
    hints = get_type_hints(cls)
    named: dict[str, Any] = {field.name: hints[field.name] for field in fields(cls)}
    return {name: hint for name, hint in named.items() if is_dataclass(hint)}


def _flatten(value: Any, *, prefix: str) -> Iterator[tuple[str, NDArray[Any]]]:
    for field in fields(value):
        member = getattr(value, field.name)
        name = prefix + field.name
        if isinstance(member, np.ndarray):
            yield name, member
        elif is_dataclass(member):
            yield from _flatten(member, prefix=name + ".")


def _unflatten(cls: type, arrays: Arrays, *, prefix: str) -> Any:
    nested = _NESTED[cls]
    members = {
        name: _unflatten(nested[name], arrays, prefix=f"{prefix}{name}.")
        if name in nested
        else arrays[prefix + name]
        for name in _NAMES[cls]
    }
    return cls(**members)


_PARTS = _nested(Snapshot)
_TYPES: list[type] = [Snapshot]
for _cls in _TYPES:
    _TYPES.extend(part for part in _nested(_cls).values() if part not in _TYPES)
_NESTED = {cls: _nested(cls) for cls in _TYPES}
_NAMES = {cls: [field.name for field in fields(cls)] for cls in _TYPES}
