"""The live signals of a namespace, opened for reading."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from catalog.models import Namespace
from ranking.core.snapshot import Snapshot
from ranking.models import BuildState, SignalBuild
from ranking.signals.layout import DamagedSnapshotError, snapshot_path
from ranking.signals.open import open_snapshot


@dataclass(frozen=True, kw_only=True)
class Live:
    build: SignalBuild
    snapshot: Snapshot


def live_signals(namespace: Namespace) -> Live | None:
    """Return the live build with its columns, or None while there is none to read."""
    build = SignalBuild.objects.filter(
        namespace=namespace, state=BuildState.LIVE
    ).first()
    if build is None or not build.snapshot_hash:
        return None
    path = snapshot_path(settings.FILES_ROOT, namespace.pk, bytes(build.snapshot_hash))
    try:
        return Live(build=build, snapshot=_opened(path))
    except (FileNotFoundError, DamagedSnapshotError):
        return None


@lru_cache(maxsize=8)
def _opened(path: Path) -> Snapshot:
    return open_snapshot(path)
