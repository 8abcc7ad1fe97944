from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from catalog.admin.clock import namespace_now
from catalog.admin.page import namespace_of
from catalog.admin.recent import RecentPage, recent_pages

from .attention import Notice, notices
from .changes import RecentChange, recent_changes


@dataclass(frozen=True, kw_only=True)
class Today:
    """All of the page but its figures, which are loaded after it."""

    at: datetime
    data_clock: datetime | None
    """What the namespace's clock shows where that is not now."""

    notices: Sequence[Notice]
    changes: Sequence[RecentChange]
    pages: Sequence[RecentPage]

    @property
    def sentence(self) -> str:
        count = len(self.notices)
        if not count:
            return "Nothing needs attention."
        return (
            "1 thing needs attention."
            if count == 1
            else f"{count} things need attention."
        )


def read_today(request: HttpRequest, *, at: datetime) -> Today:
    namespace = namespace_of(request)
    now = namespace_now(namespace, at=at)
    return Today(
        at=at,
        data_clock=now if now != at else None,
        notices=notices(request.user, namespace, at=at),
        changes=recent_changes(namespace),
        pages=recent_pages(request),
    )
