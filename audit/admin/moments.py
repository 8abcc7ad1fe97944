"""Moments as staff type them: on the namespace's clock, without a zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from catalog.models import Namespace


def local_moment(text: str, namespace: Namespace) -> datetime | None:
    """Read a local date and time of the namespace; nonsense is no condition."""
    try:
        return (
            datetime.fromisoformat(text)
            .replace(tzinfo=ZoneInfo(namespace.time_zone))
            .astimezone(UTC)
        )
    except (ValueError, OverflowError):
        return None
