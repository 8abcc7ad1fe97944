"""Imports as Runs: started once per file and namespace, done by any worker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import Q

from catalog.core.event_types import numbers_by_word
from catalog.models import Namespace, Run, RunState
from catalog.operations.event_types import event_types
from catalog.operations.runs import LeasedHandle, Outcome, RunFailedError, start_run

from . import movielens, online_retail, tables
from .batches import Plan
from .report import report_of
from .request import ImportRequest
from .storing import Store, store_all

KIND = "import"
FORMATS: dict[str, Callable[[ImportRequest], Plan]] = {
    "online_retail": online_retail.make_plan,
    "movielens": movielens.make_plan,
    "csv": tables.make_plan,
    "parquet": tables.make_plan,
}


class ImportedBeforeError(Exception):
    """The file is in the namespace already, or on its way there."""

    def __init__(self, run: Run) -> None:
        super().__init__(f"Run {run.pk} has {run.state} with this very file.")
        self.run = run


def start_import(
    namespace: Namespace,
    request: ImportRequest,
    *,
    requested_by: str,
    at: datetime,
    again: bool = False,
    announce: bool = True,
) -> Run:
    """Start an import, unless the same file was imported into the namespace before.

    Called inside the org's scope. With `again` only an unfinished one stops it: going
    on with that is what is wanted then.
    """
    same = Run.objects.filter(
        namespace=namespace,
        kind=KIND,
        parameters__sha256=request.sha256,
        parameters__format=request.format,
        parameters__kind=request.kind,
    )
    stops = Q(state__in=[RunState.QUEUED, RunState.RUNNING])
    if not again:
        stops |= Q(state=RunState.SUCCEEDED)
    earlier = same.filter(stops).order_by("-created_at", "-id").first()
    if earlier is not None:
        raise ImportedBeforeError(earlier)
    return start_run(
        namespace,
        kind=KIND,
        at=at,
        parameters=msgspec.structs.replace(
            request, asked_at=at, types=numbers_by_word(event_types(namespace))
        ).to_json(),
        requested_by=requested_by,
        announce=announce,
    )


def execute_import(handle: LeasedHandle) -> Outcome:
    request = ImportRequest.from_json(handle.parameters)
    handle.progress(0.0, "Looking through the file")
    plan = FORMATS[request.format](request)
    store = Store(namespace=handle.namespace, handle=handle, at=handle.run.created_at)
    place = store_all(plan, store=store)
    report = report_of(place, request=request)
    if report["rows_read"] and not report["rows_accepted"]:
        raise RunFailedError(
            f"Not one of {report['rows_read']:,} rows of {request.file} could be used: "
            f"{_worst(report)}. Look at the columns and at --map."
        )
    return Outcome(result=report)


def _worst(report: dict[str, Any]) -> str:
    for one in report["findings"][:1]:
        return f"{one['rejected']:,} {one['meaning']}"
    return "no reason was counted"
