"""What of the spool could not be stored: set aside for somebody to look at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from audit.spool import places

log = structlog.get_logger(__name__)

# It may tell of users who are erased meanwhile, so it is not kept for good.
KEEP_DAMAGED = timedelta(days=30)


def set_aside(path: Path, data: bytes) -> None:
    """Keep bytes of a segment that cannot be stored beside it."""
    with path.with_suffix(places.DAMAGED).open("ab") as file:
        file.write(data)


def drop_damaged(*, at: datetime) -> int:
    """Remove what was set aside so long ago that nobody looks; return how many."""
    count = 0
    for path in sorted(places.root().glob(f"*/*{places.DAMAGED}")):
        age = at - datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if age > KEEP_DAMAGED:
            path.unlink(missing_ok=True)
            log.warning("damaged_dropped", path=str(path))
            count += 1
    return count
