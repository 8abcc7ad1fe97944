"""The pages that a staff member looked at last, kept in the session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest

_KEY = "recent_pages"
_MOST = 6


@dataclass(frozen=True, kw_only=True)
class RecentPage:
    title: str
    kind: str
    url: str


def remember(request: HttpRequest, *, title: str, kind: str) -> None:
    """Put the page that is shown first in the list of the namespace."""
    place = f"{request.namespace.pk}"  # type: ignore[attr-defined]
    lists = dict(request.session.get(_KEY, {}))
    entry = [title[:120], kind, request.path]
    known = lists.get(place, [])
    if known[:1] == [entry]:
        return
    others = [each for each in known if each[2] != request.path]
    lists[place] = [entry, *others][:_MOST]
    request.session[_KEY] = lists


def recent_pages(request: HttpRequest) -> Sequence[RecentPage]:
    place = f"{request.namespace.pk}"  # type: ignore[attr-defined]
    return [
        RecentPage(title=title, kind=kind, url=url)
        for title, kind, url in request.session.get(_KEY, {}).get(place, [])
    ]
