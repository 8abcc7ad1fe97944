"""Which build is served. Light to import: nothing here computes a signal."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings

from catalog.models import ChangeKind, Namespace
from catalog.operations import record_change
from ranking.models import BuildState, SignalBuild
from ranking.signals.layout import snapshot_path
from ranking.signals.open import open_snapshot, verify_snapshot

BUILD_KIND = "build"
SETTINGS = "settings"
"""Where a build's manifest says what of the configuration it was made from."""


class NothingToRollBackError(Exception):
    """No earlier build of the namespace has its snapshot any more."""


def make_live(build: SignalBuild, *, at: datetime) -> int:
    """Serve a build from now on; the one before stays for rollback.

    Called inside the org's scope. Returns the number of the change that says so.
    """
    namespace = Namespace.objects.get(pk=build.namespace_id)
    live = SignalBuild.objects.select_for_update().filter(
        namespace=namespace, state=BuildState.LIVE
    )
    live.exclude(pk=build.pk).update(state=BuildState.SUPERSEDED)
    build.state, build.live_since = BuildState.LIVE, at
    build.save(update_fields=["state", "live_since"])
    return record_change(namespace, kind=ChangeKind.SNAPSHOT, count=1, at=at)


def roll_back(namespace: Namespace, *, at: datetime) -> SignalBuild:
    """Serve again the build that was live before the present one.

    Called inside the org's scope. The next build by schedule or after ingestion
    replaces it again. Raises `NothingToRollBackError` and `DamagedSnapshotError`.
    """
    live = SignalBuild.objects.filter(
        namespace=namespace, state=BuildState.LIVE
    ).first()
    earlier = SignalBuild.objects.filter(
        namespace=namespace, state=BuildState.SUPERSEDED, live_since__isnull=False
    )
    if live is not None:
        earlier = earlier.filter(created_at__lt=live.created_at)
    former = earlier.order_by("-created_at", "-id").first()
    if former is None:
        raise NothingToRollBackError(f"{namespace.name} has no earlier build to serve.")
    verify_snapshot(path_of(former))
    make_live(former, at=at)
    return former


def path_of(build: SignalBuild) -> Path:
    """Return the packed file of a build."""
    return snapshot_path(
        Path(settings.FILES_ROOT), build.namespace_id, bytes(build.snapshot_hash or b"")
    )


def is_readable(build: SignalBuild) -> bool:
    """Say whether a build's snapshot is there, and of the layout that is read."""
    try:
        open_snapshot(path_of(build))
    except (OSError, ValueError, LookupError, TypeError):
        return False
    return True
