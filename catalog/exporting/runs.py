"""Exports as Runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from catalog.models import Namespace, Run
from catalog.operations.runs import LeasedHandle, Outcome, RunDetails, start_run
from catalog.queries.dumps import COLUMNS, count_rows, dump

from .writers import write

KIND = "export"
KINDS = tuple(COLUMNS)
ENDINGS = {"ndjson": "ndjson.gz", "parquet": "parquet"}


def start_export(
    namespace: Namespace,
    *,
    kinds: Sequence[str],
    form: str,
    at: datetime,
    details: RunDetails,
) -> Run:
    """Start an export, inside the org's scope."""
    details["parameters"] = {
        **details.get("parameters", {}),
        "kinds": list(kinds),
        "format": form,
    }
    return start_run(namespace, kind=KIND, at=at, **details)


def execute_export(handle: LeasedHandle) -> Outcome:
    """Write the files anew: what a killed worker left is written over."""
    namespace = handle.namespace
    folder = _folder(handle)
    kinds: list[str] = handle.parameters["kinds"]
    counts = {kind: count_rows(namespace, kind=kind) for kind in kinds}
    total, behind = max(1, sum(counts.values())), 0
    files: dict[str, Any] = {}
    for kind in kinds:
        path = folder / f"{kind}.{ENDINGS[handle.parameters['format']]}"
        pieces = _watched(namespace, kind, handle=handle, share=(behind, total))
        rows = write(pieces, columns=COLUMNS[kind], path=path)
        files[kind] = {"file": str(path), "rows": rows, "bytes": path.stat().st_size}
        behind += counts[kind]
    url = f"/v1/admin/runs/{handle.run.pk}/result"
    return Outcome(result={"files": files}, url=url)


def _folder(handle: LeasedHandle) -> Path:
    if wanted := handle.parameters.get("folder"):
        return Path(wanted)
    return Path(settings.FILES_ROOT) / "exports" / str(handle.run.pk)


def _watched(
    namespace: Namespace, kind: str, *, handle: LeasedHandle, share: tuple[int, int]
) -> Iterator[Sequence[tuple[Any, ...]]]:
    behind, total = share
    for rows in dump(namespace, kind=kind):
        handle.check_cancelled()
        yield rows
        behind += len(rows)
        handle.progress(behind / total, kind)
