"""Write a snapshot into one file that serving maps into memory."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import msgspec
import numpy as np
from numpy.typing import NDArray

from ranking.core.snapshot import Snapshot

from .layout import (
    ALIGNMENT,
    HEADER,
    MAGIC,
    VERSION,
    Column,
    Manifest,
    align,
    flatten,
    snapshot_path,
)


def write(snapshot: Snapshot, *, files_root: Path, namespace_id: int) -> Path:
    """Write a snapshot under its content hash and return the file.

    The file appears whole or not at all: it is written beside, flushed to the disk,
    and renamed. `snapshot.content_hash` is not looked at.
    """
    arrays = [(name, _plain(array)) for name, array in flatten(snapshot)]
    manifest = msgspec.json.encode(_manifest(snapshot, arrays))
    content_hash = hashlib.sha256(manifest).digest()
    path = snapshot_path(files_root, namespace_id, content_hash)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{uuid4().hex}.new")
    try:
        with draft.open("xb") as file:
            _write(file, manifest, [array for _, array in arrays])
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))


def _manifest(snapshot: Snapshot, arrays: list[tuple[str, NDArray[Any]]]) -> Manifest:
    columns, offset = [], 0
    for name, array in arrays:
        digest = hashlib.sha256(_bytes(array)).hexdigest()
        columns.append(Column(name, array.dtype.str, array.shape, offset, digest))
        offset = align(offset + array.nbytes)
    return Manifest(
        as_of_us=snapshot.as_of_us,
        change_number=snapshot.change_number,
        last_event_id=snapshot.last_event_id,
        factor_alpha=snapshot.factor_alpha,
        about=dict(snapshot.manifest),
        columns=columns,
    )


def _write(file: BinaryIO, manifest: bytes, arrays: list[NDArray[Any]]) -> None:
    start = align(HEADER.size + len(manifest))
    length = start + sum(align(array.nbytes) for array in arrays)
    digest = hashlib.sha256(manifest).digest()
    file.write(HEADER.pack(MAGIC, VERSION, 0, len(manifest), length, digest))
    file.write(manifest)
    file.write(bytes(start - HEADER.size - len(manifest)))
    for array in arrays:
        file.write(_bytes(array))
        file.write(bytes(-array.nbytes % ALIGNMENT))


def _bytes(array: NDArray[Any]) -> memoryview:
    return memoryview(array.reshape(-1).view(np.uint8))
