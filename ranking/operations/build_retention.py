"""Which builds keep their files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from catalog.models import Namespace
from catalog.tenancy import org_scope
from ranking.models import BuildState, SignalBuild
from ranking.signals.layout import items_path, snapshot_path

KEPT_FOR_ROLLBACK = 3
# Decisions are replayed from the snapshot that answered them for this long, as long as
# a namespace's snapshots fit into the limit. The oldest go first.
REPLAY_WINDOW = timedelta(days=7)
REPLAY_BYTES = 8 * 2**30
# Builds that never went live belong to an evaluation.
KEPT_UNUSED = timedelta(days=1)

_WITH_FILES = [
    BuildState.LIVE,
    BuildState.SUPERSEDED,
    BuildState.READY,
    BuildState.HELD,
]


def collect_builds(namespace: Namespace, *, at: datetime, files_root: Path) -> int:
    """Remove the files of builds that nothing needs any more. Return how many."""
    with org_scope(namespace.org_id):
        builds = list(
            SignalBuild.objects.select_for_update()
            .filter(namespace=namespace, state__in=_WITH_FILES)
            .order_by("-created_at", "-id")
        )
        kept = {build.pk for build in _kept(builds, at=at)}
        gone = [build for build in builds if build.pk not in kept]
        SignalBuild.objects.filter(pk__in=[build.pk for build in gone]).update(
            state=BuildState.COLLECTED
        )
        shown = [build for build in builds if build.pk in kept]
    _remove_files(namespace, gone=gone, shown=shown, files_root=files_root)
    _remove_read_items(namespace, at=at, files_root=files_root)
    return len(gone)


def _remove_read_items(namespace: Namespace, *, at: datetime, files_root: Path) -> None:
    """Remove what served before the first snapshot, once no replay wants it."""
    before = (at - REPLAY_WINDOW).timestamp()
    for path in items_path(files_root, namespace.pk, "").parent.glob("*"):
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)


def _kept(builds: Sequence[SignalBuild], *, at: datetime) -> Iterator[SignalBuild]:
    """Yield what stays, of builds with the newest first."""
    unused = [build for build in builds if build.live_since is None]
    yield from (build for build in unused if build.created_at > at - KEPT_UNUSED)
    served = sorted(
        (build for build in builds if build.live_since),
        key=lambda build: (build.state != BuildState.LIVE, -_since(build)),
    )
    total, until = 0, at
    for place, build in enumerate(served):
        total += build.bytes
        is_replayed = until > at - REPLAY_WINDOW and total <= REPLAY_BYTES
        if place < KEPT_FOR_ROLLBACK or is_replayed:
            yield build
        # It answered until the one after it went live.
        until = build.live_since or at


def _since(build: SignalBuild) -> float:
    return build.live_since.timestamp() if build.live_since else 0.0


def _remove_files(
    namespace: Namespace,
    *,
    gone: Iterable[SignalBuild],
    shown: Sequence[SignalBuild],
    files_root: Path,
) -> None:
    snapshots = {bytes(build.snapshot_hash or b"") for build in shown}
    for build in gone:
        digest = bytes(build.snapshot_hash or b"")
        if digest not in snapshots:
            snapshot_path(files_root, namespace.pk, digest).unlink(missing_ok=True)
    columns = {
        column["hash"]
        for build in shown[:KEPT_FOR_ROLLBACK]
        for column in build.manifest.get("columns", {}).values()
    }
    for build in (*gone, *shown[KEPT_FOR_ROLLBACK:]):
        for column in build.manifest.get("columns", {}).values():
            if column["hash"] not in columns:
                path = files_root / "signals" / str(namespace.pk)
                (path / f"{column['hash']}.parquet").unlink(missing_ok=True)
