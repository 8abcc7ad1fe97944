"""Build the signals of a namespace, and put a build before the public."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.utils import timezone

from catalog.core.moments import from_microseconds
from catalog.models import Namespace
from catalog.operations.runs import (
    LeasedHandle,
    LeaseLostError,
    Outcome,
    RunCancelledError,
    RunFailedError,
    RunHandle,
    Unattended,
)
from catalog.tenancy import org_scope
from ranking.models import BuildState, SignalBuild
from ranking.queries.build_inputs import BuildInputs, read_inputs
from ranking.signals import pack
from ranking.signals.assembly import Origin, assemble
from ranking.signals.build import BUILD_VERSION, Built, build_columns
from ranking.signals.columns import ColumnFile, DamagedColumnError
from ranking.signals.layout import DamagedSnapshotError
from ranking.signals.open import verify_snapshot
from ranking.signals.sources import Plan
from ranking.signals.validation import InvalidSignalsError, validate

from .build_guarding import hold_or_serve
from .build_policy import LARGE_EVENTS
from .build_retention import collect_builds
from .build_states import SETTINGS, make_live, path_of, roll_back

__all__ = ["build_signals", "execute_build", "make_live", "path_of", "roll_back"]


def execute_build(handle: LeasedHandle) -> Outcome:
    """Do a Run of kind "build": build, go live, collect what is old.

    Parameters of the Run: `as_of` (ISO, optional: such a build does not go live).
    """
    namespace, wanted = handle.namespace, handle.parameters.get("as_of")
    as_of = datetime.fromisoformat(wanted) if wanted else None
    try:
        build = build_signals(namespace, as_of=as_of, at=timezone.now(), handle=handle)
    except (InvalidSignalsError, DamagedColumnError, DamagedSnapshotError) as error:
        raise RunFailedError(
            f"The signals were not swapped, the former ones stay: {error}"
        ) from error
    if as_of is None:
        handle.check_cancelled()
        hold_or_serve(build, at=timezone.now())
    collect_builds(namespace, at=timezone.now(), files_root=Path(settings.FILES_ROOT))
    held = {"held": build.guard["headline"]} if build.state == BuildState.HELD else {}
    return Outcome(result={"build": str(build.pk), **build.counts, **held})


def build_signals(
    namespace: Namespace,
    *,
    as_of: datetime | None = None,
    at: datetime,
    handle: RunHandle | None = None,
) -> SignalBuild:
    """Build every signal and the snapshot. Return the build, ready but not live.

    Called outside any transaction: it opens its own, and none during the long work.
    """
    started = time.perf_counter()
    build = _open_build(namespace, as_of=as_of or at, at=at, handle=handle)
    try:
        _fill(build, namespace=namespace, as_of=as_of, handle=handle or Unattended())
    except Exception as error:
        stopped = isinstance(error, RunCancelledError | LeaseLostError)
        build.state = BuildState.FAILED
        build.error = "Cancelled." if stopped else f"{type(error).__name__}: {error}"
        raise
    finally:
        build.duration_seconds = round(time.perf_counter() - started, 3)
        with org_scope(namespace.org_id):
            build.save()
    return build


def columns_directory(namespace_id: int) -> Path:
    return Path(settings.FILES_ROOT) / "signals" / str(namespace_id)


def _open_build(
    namespace: Namespace, *, as_of: datetime, at: datetime, handle: RunHandle | None
) -> SignalBuild:
    run = handle.run if isinstance(handle, LeasedHandle) else None
    with org_scope(namespace.org_id):
        return SignalBuild.objects.create(
            org_id=namespace.org_id,
            namespace=namespace,
            as_of=as_of,
            created_at=at,
            run=run,
        )


def _fill(
    build: SignalBuild,
    *,
    namespace: Namespace,
    as_of: datetime | None,
    handle: RunHandle,
) -> None:
    handle.progress(0.01, "Reading events and items")
    files_root = Path(settings.FILES_ROOT)
    inputs = read_inputs(
        namespace, as_of=as_of, at=build.created_at, files_root=files_root
    )
    _note_inputs(build, inputs)

    def report(fraction: float, doing: str) -> None:
        handle.progress(fraction, doing)
        handle.check_cancelled()

    built = build_columns(
        _plan(inputs, former=_former_columns(namespace)),
        directory=columns_directory(namespace.pk),
        progress=report,
    )
    report(0.92, "Packing the snapshot")
    started = time.perf_counter()
    about = _about(inputs, built)
    path = _pack(inputs, built, about=about, namespace=namespace)
    build.snapshot_hash = bytes.fromhex(path.stem)
    build.bytes = path.stat().st_size
    build.counts = _counts(inputs, built.columns)
    packing = round(time.perf_counter() - started, 3)
    build.manifest = {
        **about,
        "columns": msgspec.to_builtins(built.columns),
        "seconds": {**built.seconds, "snapshot": packing},
    }
    build.state = BuildState.READY


def _plan(inputs: BuildInputs, *, former: Mapping[str, ColumnFile]) -> Plan:
    return Plan(
        sources=inputs.sources,
        parameters=inputs.parameters,
        threads=_threads(inputs.sources.event_rows),
        known={column.inputs: column for column in former.values()},
        warm=former.get("factors"),
    )


def _about(inputs: BuildInputs, built: Built) -> dict[str, Any]:
    return {
        "version": BUILD_VERSION,
        "parameters": msgspec.to_builtins(inputs.parameters),
        SETTINGS: inputs.settings_hash,
        "content_space": built.columns["content"].facts["space"],
        "columns": {name: column.hash for name, column in built.columns.items()},
    }


def _pack(
    inputs: BuildInputs, built: Built, *, about: dict[str, Any], namespace: Namespace
) -> Path:
    """Write the snapshot, valid and read back, or raise."""
    window = inputs.sources.window
    origin = Origin(
        as_of_us=window.as_of_us,
        change_number=inputs.change_number,
        last_event_id=window.last_event_id,
        about=about,
    )
    snapshot = assemble(built.tables, origin=origin, parameters=inputs.parameters)
    validate(
        snapshot,
        items=inputs.sources.items.num_rows,
        had_events=built.columns["popularity"].rows > 0,
    )
    files_root = Path(settings.FILES_ROOT)
    path = pack.write(snapshot, files_root=files_root, namespace_id=namespace.pk)
    verify_snapshot(path)
    return path


def _threads(events: int) -> int:
    # On a busy machine threads that wait for each other take longer than one alone.
    return (os.cpu_count() or 1) if events >= LARGE_EVENTS else 1


def _note_inputs(build: SignalBuild, inputs: BuildInputs) -> None:
    chunks = inputs.export.chunks
    build.as_of = inputs.as_of
    build.change_number = inputs.change_number
    build.last_event_id = inputs.sources.window.last_event_id
    if chunks:
        first = min(chunk.first_ts_us for chunk in chunks)
        last = max(chunk.last_ts_us for chunk in chunks)
        build.source_from = from_microseconds(first)
        build.source_to = from_microseconds(last)
    build.seeds = {"training": inputs.parameters.seed}


def _counts(inputs: BuildInputs, columns: dict[str, ColumnFile]) -> dict[str, Any]:
    return {
        "items": inputs.sources.items.num_rows,
        "events": inputs.export.rows,
        "events_read": inputs.export.rows_read,
        **{name: column.rows for name, column in columns.items() if name != "items"},
    }


def _former_columns(namespace: Namespace) -> dict[str, ColumnFile]:
    """Return the column files of the newest build that has any."""
    with org_scope(namespace.org_id):
        manifests = SignalBuild.objects.filter(
            namespace=namespace,
            state__in=[
                BuildState.READY,
                BuildState.HELD,
                BuildState.LIVE,
                BuildState.SUPERSEDED,
            ],
        ).order_by("-created_at")
        manifest = manifests.values_list("manifest", flat=True).first() or {}
    columns = manifest.get("columns", {})
    return msgspec.convert(columns, dict[str, ColumnFile])
