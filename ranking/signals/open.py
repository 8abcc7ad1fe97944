"""Map a packed snapshot into memory."""

from __future__ import annotations

import hashlib
import math
import mmap
from pathlib import Path

import msgspec
import numpy as np

from ranking.core.snapshot import Snapshot

from .layout import (
    HEADER,
    MAGIC,
    VERSION,
    Column,
    DamagedSnapshotError,
    Manifest,
    align,
    unflatten,
)

_manifest_decoder = msgspec.json.Decoder(Manifest)


def open_snapshot(path: Path) -> Snapshot:
    """Open a snapshot without reading its columns.

    The header, the manifest and the length are checked, the columns are not: that was
    done before the build went live (:func:`verify_snapshot`). The arrays are views of
    the mapping, shared by all processes, and cannot be written to. They stay valid
    when the file is removed.

    Raises `DamagedSnapshotError`, and `FileNotFoundError`.
    """
    with path.open("rb") as file:
        try:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:
            raise DamagedSnapshotError(f"{path} is empty.") from None
    manifest, start = _read_manifest(mapped, path=path)
    arrays = {
        column.name: _view(mapped, column, start=start) for column in manifest.columns
    }
    return unflatten(
        arrays,
        {
            "content_hash": mapped[HEADER.size - 32 : HEADER.size],
            "as_of_us": manifest.as_of_us,
            "change_number": manifest.change_number,
            "last_event_id": manifest.last_event_id,
            "factor_alpha": manifest.factor_alpha,
            "manifest": manifest.about,
        },
    )


def verify_snapshot(path: Path) -> None:
    """Read a whole snapshot and compare every column with its checksum.

    Raises `DamagedSnapshotError`, naming the column.
    """
    with path.open("rb") as file:
        content = np.memmap(file, mode="r")
    manifest, start = _read_manifest(content.data, path=path)
    for column in manifest.columns:
        view = _view(content.data, column, start=start)
        found = hashlib.sha256(view.reshape(-1).view(np.uint8)).hexdigest()
        if found != column.sha256:
            raise DamagedSnapshotError(f"{path}: {column.name} is damaged.")


def _read_manifest(
    content: mmap.mmap | memoryview, *, path: Path
) -> tuple[Manifest, int]:
    if len(content) < HEADER.size:
        raise DamagedSnapshotError(f"{path} is cut off in its header.")
    head = HEADER.unpack(content[: HEADER.size])
    magic, version, _, manifest_length, length, digest = head
    if magic != MAGIC or version != VERSION:
        raise DamagedSnapshotError(f"{path} is no snapshot of layout {VERSION}.")
    if length != len(content):
        raise DamagedSnapshotError(
            f"{path} has {len(content)} bytes, its header says {length}."
        )
    encoded = bytes(content[HEADER.size : HEADER.size + manifest_length])
    if hashlib.sha256(encoded).digest() != digest:
        raise DamagedSnapshotError(f"{path}: the manifest is damaged.")
    return _manifest_decoder.decode(encoded), align(HEADER.size + manifest_length)


def _view(
    content: mmap.mmap | memoryview, column: Column, *, start: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    dtype = np.dtype(column.dtype)
    count = math.prod(column.shape)
    view = np.frombuffer(
        content, dtype=dtype, count=count, offset=start + column.offset
    )
    return view.reshape(column.shape)
