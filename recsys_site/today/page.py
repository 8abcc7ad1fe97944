from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from catalog.admin.clock import namespace_now
from catalog.admin.page import namespace_of
from catalog.admin.recent import RecentPage, recent_pages
from catalog.permissions import can

from .attention import Notice, notices
from .changes import RecentChange, recent_changes
from .edges import Edges, edges
from .waiting import Begun, NeedsMe, begun, needs_me


@dataclass(frozen=True, kw_only=True)
class Today:
    """All of the page but its figures, which are loaded after it."""

    at: datetime
    data_clock: datetime | None
    """What the namespace's clock shows where that is not now."""

    needs_me: NeedsMe
    notices: Sequence[Notice]
    edges: Edges
    begun: Sequence[Begun]
    changes: Sequence[RecentChange]
    pages: Sequence[RecentPage]
    may_edit: bool

    @property
    def sentence(self) -> str:
        waiting, count = self.needs_me.count, len(self.notices)
        said = []
        if waiting:
            s = "" if waiting == 1 else "s"
            said.append(
                f"{waiting} change set{s} wait{'s' if waiting == 1 else ''} for you"
            )
        if count:
            noun = "thing needs" if count == 1 else "things need"
            said.append(f"{count} {noun} attention")
        return f"{', '.join(said)}." if said else "Nothing needs attention."


def read_today(request: HttpRequest, *, at: datetime) -> Today:
    namespace = namespace_of(request)
    now, staff = namespace_now(namespace, at=at), request.user
    return Today(
        at=at,
        data_clock=now if now != at else None,
        needs_me=needs_me(staff, namespace),
        notices=notices(staff, namespace, at=at),
        edges=edges(namespace, at=at),
        begun=begun(staff, namespace),
        changes=recent_changes(namespace),
        pages=recent_pages(request),
        may_edit=can(staff, "edit", namespace),
    )
