"""The newest entry of each org's chain, noted beside the database.

Whoever cuts the newest batches off leaves a chain without a flaw, so what was last is
noted in files, FILES_ROOT/audit-heads/<org>/<host>-<day>.json, one a day, kept for
good. A head that is older than the noted one does not replace it: then something was
cut off, or the database was restored, and both show.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings

from .core.integrity_checks import Head

log = structlog.get_logger(__name__)


def directory() -> Path:
    return Path(settings.FILES_ROOT) / "audit-heads"


def note_head(head: Head, *, seal: bytes, at: datetime) -> None:
    """Note what is newest now. A disk that is full is told of and stops nothing."""
    folder = directory() / str(head.org_id)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = _place(folder, head, at=at)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(told(head, seal=seal, at=at)))
        draft.replace(path)
    except OSError as error:
        log.warning("head_not_noted", number=head.number, error=str(error))


def told(head: Head, *, seal: bytes, at: datetime) -> dict[str, Any]:
    """Return a head in the form in which it is exported."""
    return {
        "org_id": str(head.org_id),
        "number": head.number,
        "digest": head.digest.hex(),
        "seal": seal.hex(),
        "stored_at": at.isoformat(),
    }


def read_head(path: Path) -> Head:
    """Return a noted or exported head.

    Raises
    ------
    ValueError
        If the file holds none.
    """
    try:
        found = json.loads(path.read_bytes())
        return Head(
            org_id=UUID(found["org_id"]),
            number=int(found["number"]),
            digest=bytes.fromhex(found["digest"]),
        )
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise ValueError(f"{path} holds no head: {error}") from error


def noted_heads(org_id: UUID) -> Iterator[Head]:
    """Yield what was noted of an org, by any host that shares the files root."""
    for path in sorted((directory() / str(org_id)).glob("*.json")):
        yield read_head(path)


def noted_orgs() -> Iterator[UUID]:
    for path in sorted(directory().glob("*/")):
        yield UUID(path.name)


def _place(folder: Path, head: Head, *, at: datetime) -> Path:
    """Return the newest file of the day, or another one where it knows more."""
    newest = None
    for n_before in count():
        suffix = f"-{n_before}" if n_before else ""
        path = folder / f"{socket.gethostname()}-{at:%Y%m%d}{suffix}.json"
        if not path.exists():
            is_ahead = newest is not None and _precedes(read_head(newest), head)
            return newest if newest is not None and is_ahead else path
        newest = path
    raise AssertionError("unreachable")


def _precedes(known: Head, head: Head) -> bool:
    return known.number < head.number
