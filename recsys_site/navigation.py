"""The admin's frame: theme settings and navigation by job."""

from __future__ import annotations

from typing import Any

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "RecSys",
    "SITE_HEADER": "RecSys",
}
