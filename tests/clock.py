"""The moment at which tests happen, unless they are about time."""

from __future__ import annotations

from datetime import UTC, datetime

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
