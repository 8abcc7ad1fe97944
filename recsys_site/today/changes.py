"""What changed lately, in words, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from audit.queries.edits import EditFilter, list_edits
from catalog.models import Change, ChangeKind, Namespace
from ranking.models import Publication
from ranking.operations.publishing import FOLLOWED
from rules.core.rule import RULES_SWITCH
from rules.models import ChangeSet

_MOST = 8
_SET_LENGTH = 60
_NEWEST = 200
_MOST_EDITS = 50
_ONE_GO = timedelta(minutes=1)
# The database stamps an edit, whoever made it stamps the feed.
_ONE_STEP = timedelta(seconds=5)
_NAMESPACE = "catalog.namespace"
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
    switchings = list(_switchings(namespace))
    found = [
        *_rules(namespace),
        *switchings,
        *_settings(namespace, switchings),
        *_publications(namespace),
        *_data(namespace),
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)[:_MOST]


def _rules(namespace: Namespace) -> Iterator[RecentChange]:
    """Yield the change sets that came into force."""
    rows = ChangeSet.objects.filter(namespace=namespace, published_at__isnull=False)
    for each in rows.order_by("-published_at", "-pk")[:_MOST]:
        yield RecentChange(
            who=each.published_by,
            words=f"published “{each.title}”",
            at=each.published_at or each.updated_at,
            url=reverse("admin:rules_changeset_change", args=[each.pk]),
        )


def _switchings(namespace: Namespace) -> Iterator[RecentChange]:
    """Yield when all rules were switched off, or on again, by whom and why."""
    edits = list_edits(
        namespace,
        EditFilter(label=_NAMESPACE, verb="update"),
        labels=[_NAMESPACE],
        size=_MOST_EDITS,
    ).edits
    for each in edits:
        if each.earlier is None:
            continue
        is_on, was_on = (
            row.switches.get(RULES_SWITCH) is not False
            for row in (each.row, each.earlier)
        )
        if is_on != was_on:
            why = each.told.get("why")
            yield RecentChange(
                who=str(each.told.get("who") or "SQL"),
                words=f"switched all rules {'on again' if is_on else 'off'}"
                + (f": {why}" if why else ""),
                at=each.row.pgh_created_at,
                url=f"{reverse('admin:audit_edit_changelist')}?of={_NAMESPACE}",
            )


def _settings(
    namespace: Namespace, switchings: Sequence[RecentChange]
) -> Iterator[RecentChange]:
    """Yield changes of settings that only the feed tells of, such as event types.

    Rules are told of there too, at the very moment of their change set.
    """
    told = Change.objects.filter(
        namespace=namespace, kind=ChangeKind.CONFIGURATION, rows=None
    ).order_by("-number")
    moments = list(told.values_list("at", flat=True)[:_NEWEST])
    of_rules = ChangeSet.objects.filter(namespace=namespace, published_at__in=moments)
    known = set(of_rules.values_list("published_at", flat=True))
    switched = [each.at for each in switchings]
    goes: list[datetime] = []
    for at in moments:
        if any(abs(at - one) < _ONE_STEP for one in switched):
            continue
        if at not in known and not (goes and goes[-1] - at < _ONE_GO):
            goes.append(at)
    url = reverse("admin:audit_edit_changelist")
    for at in goes[:_MOST]:
        yield RecentChange(who="Settings", words="were changed", at=at, url=url)


def _publications(namespace: Namespace) -> Iterator[RecentChange]:
    """Yield what was put in force; what one put there at one go becomes one line.

    What follows the feed is left out: rules and settings, which are told as such.
    """
    rows = (
        Publication.objects.filter(namespace=namespace)
        .exclude(cause=FOLLOWED)
        .order_by("-change_number")
    )
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
