"""What changed lately, in words, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from catalog.models import Change, ChangeKind, Namespace
from ranking.models import Publication

_MOST = 8
_NEWEST = 200
_ONE_GO = timedelta(minutes=1)
_WORDS = {
    ChangeKind.ITEMS: "items were sent or changed",
    ChangeKind.USERS: "users were sent or changed",
    ChangeKind.EVENTS: "events arrived",
    ChangeKind.DELETED: "rows were deleted",
    ChangeKind.SNAPSHOT: "new signals went live",
}


@dataclass(frozen=True, kw_only=True)
class RecentChange:
    who: str
    words: str
    at: datetime
    url: str


def recent_changes(namespace: Namespace) -> Sequence[RecentChange]:
    found = [*_publications(namespace), *_data(namespace)]
    return sorted(found, key=lambda each: each.at, reverse=True)[:_MOST]


def _publications(namespace: Namespace) -> Iterator[RecentChange]:
    """Yield what was put in force; what one put there at one go becomes one line."""
    rows = Publication.objects.filter(namespace=namespace).order_by("-change_number")
    goes: list[list[Publication]] = []
    for row in rows[:_NEWEST]:
        last = goes[-1][-1] if goes else None
        if last and last.author == row.author and last.at - row.at < _ONE_GO:
            goes[-1].append(row)
        else:
            goes.append([row])
    url = reverse("admin:audit_edit_changelist")
    for newest, *others in goes[:_MOST]:
        more = f", and {len(others)} more" if others else ""
        yield RecentChange(
            who=newest.author or "API",
            words=f"{newest.cause}{more}",
            at=newest.at,
            url=url,
        )


def _data(namespace: Namespace) -> Iterator[RecentChange]:
    """Yield changes of data; neighbours of one kind become one line."""
    rows = (
        Change.objects.filter(namespace=namespace)
        .exclude(kind=ChangeKind.CONFIGURATION)
        .order_by("-number")
        .values_list("kind", "count", "at")[:_NEWEST]
    )
    joined: list[tuple[str, int, datetime]] = []
    for kind, count, at in rows:
        if joined and joined[-1][0] == kind:
            joined[-1] = (kind, joined[-1][1] + count, joined[-1][2])
        else:
            joined.append((kind, count, at))
    url = reverse("admin:catalog_change_changelist")
    for kind, count, at in joined[:_MOST]:
        words = _WORDS[ChangeKind(kind)]
        told = words if kind == ChangeKind.SNAPSHOT else f"{count:,} {words}"
        yield RecentChange(who="Data", words=told, at=at, url=url)
