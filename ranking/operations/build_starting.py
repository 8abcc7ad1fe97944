"""Start the builds that are due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from catalog.models import Change, ChangeKind, Namespace, Org, Run, RunState
from catalog.operations.runs import start_run, start_run_once
from catalog.tenancy import org_scope
from ranking.core.layers import Plan
from ranking.models import BuildState, SignalBuild
from ranking.queries.configurations import compose
from ranking.queries.signal_settings import settings_hash

from .build_policy import Pending, is_due
from .build_states import BUILD_KIND, SETTINGS, is_readable

_ASKING = [ChangeKind.EVENTS, ChangeKind.DELETED, ChangeKind.CONFIGURATION]
_DATA = [ChangeKind.ITEMS, ChangeKind.USERS, ChangeKind.EVENTS, ChangeKind.DELETED]
_OPEN = [RunState.QUEUED, RunState.RUNNING]
_MOST_REMEMBERED = 256

type Seen = dict[int, int]


def start_due_builds(*, at: datetime, seen: Seen | None = None) -> list[Run]:
    """Start a build in every namespace whose data ask for one.

    `seen` remembers, between calls of one process, up to which change a namespace
    needs none, so that a look at many quiet namespaces costs one query.
    """
    quiet: Seen = {} if seen is None else seen
    started = []
    for namespace in Namespace.objects.filter(change_number__gt=0).order_by("pk"):
        if quiet.get(namespace.pk) == namespace.change_number:
            continue
        with org_scope(namespace.org_id):
            pending = pending_changes(namespace)
            if pending is None:
                quiet[namespace.pk] = namespace.change_number
            elif is_due(pending, at=at) and not _is_building(namespace):
                started.append(_start_of(namespace, pending, at=at))
    return started


def _start_of(namespace: Namespace, pending: Pending, *, at: datetime) -> Run:
    return start_run_once(
        namespace,
        kind=BUILD_KIND,
        at=at,
        queue="builds",
        parameters={"events": pending.events},
        requested_by="ingestion",
    )


def start_build(
    namespace: Namespace,
    *,
    at: datetime,
    as_of: datetime | None = None,
    requested_by: str = "",
) -> Run:
    """Queue a build, inside the org's scope. A waiting one of the present is shared."""
    start = start_run if as_of else start_run_once
    return start(
        namespace,
        kind=BUILD_KIND,
        at=at,
        queue="builds",
        parameters={"as_of": as_of.isoformat()} if as_of else {},
        requested_by=requested_by,
    )


def waiting_builds(*, at: datetime, for_seconds: float) -> Iterator[Run]:
    """Yield builds that no worker took up for a while."""
    since = at - timedelta(seconds=for_seconds)
    for org_id in Org.objects.order_by("pk").values_list("pk", flat=True):
        with org_scope(org_id):
            waiting = list(
                Run.objects.filter(
                    kind=BUILD_KIND, state=RunState.QUEUED, not_before__lte=since
                ).order_by("not_before", "id")
            )
        yield from waiting


def pending_changes(namespace: Namespace) -> Pending | None:
    """Return what no build has read yet, inside the org's scope."""
    builds = SignalBuild.objects.filter(namespace=namespace).order_by("-created_at")
    last = builds.first()
    live = builds.filter(state=BuildState.LIVE).first()
    read = max((build.change_number for build in (last, live) if build), default=0)
    failed = last is not None and last.state == BuildState.FAILED
    if failed and live is not None:
        read = live.change_number
    elif failed:
        read = 0
    unread = Change.objects.filter(namespace=namespace, number__gt=read)
    kinds = list(_DATA)
    if live is None or _is_configured_anew(namespace, live, unread):
        kinds.append(ChangeKind.CONFIGURATION)
    if live is not None and not is_readable(live):
        # Written by another version of this program: built again, whatever changed.
        return _again(live, last=last, failed=failed)
    changes = unread.filter(kind__in=kinds).aggregate(
        first=Min("at"),
        last=Max("at"),
        arrived=Sum("count", filter=Q(kind=ChangeKind.EVENTS), default=0),
        of_events=Count("id", filter=_asks_for_a_build()),
    )
    if changes["first"] is None:
        return None
    return Pending(
        first_at=changes["first"],
        last_at=changes["last"],
        events_changed=changes["of_events"] > 0,
        events=(live.counts.get("events", 0) if live else 0) + changes["arrived"],
        has_build=live is not None,
        last_ended_at=_ended_at(last),
        last_seconds=(last.duration_seconds or 0.0) if last else 0.0,
        last_failed=failed,
    )


def _is_configured_anew(
    namespace: Namespace, live: SignalBuild, unread: QuerySet[Change]
) -> bool:
    """Say whether settings changed that signals are built from: rules are not."""
    configured = unread.filter(kind=ChangeKind.CONFIGURATION)
    newest: int | None = configured.aggregate(newest=Max("number"))["newest"]
    if newest is None:
        return False
    return bool(live.manifest.get(SETTINGS) != _settings_at(namespace.pk, newest))


@lru_cache(maxsize=_MOST_REMEMBERED)
def _settings_at(namespace_id: int, _change_number: int) -> str:
    """Return what stands for the settings since a change: all rules are read for it."""
    namespace = Namespace.objects.get(pk=namespace_id)
    return settings_hash(namespace, Plan.of(compose(namespace)))


def _again(live: SignalBuild, *, last: SignalBuild | None, failed: bool) -> Pending:
    return Pending(
        first_at=live.created_at,
        last_at=live.created_at,
        events_changed=True,
        events=live.counts.get("events", 0),
        has_build=False,
        last_ended_at=_ended_at(last) if failed else None,
        last_seconds=0.0,
        last_failed=failed,
    )


def _asks_for_a_build() -> Q:
    too_many_items = Q(kind=ChangeKind.ITEMS, rows__isnull=True)
    return Q(kind__in=_ASKING) | too_many_items


def _ended_at(build: SignalBuild | None) -> datetime | None:
    if build is None:
        return None
    return build.created_at + timedelta(seconds=build.duration_seconds or 0.0)


def _is_building(namespace: Namespace) -> bool:
    runs = Run.objects.filter(namespace=namespace, kind=BUILD_KIND, state__in=_OPEN)
    return runs.exists()
