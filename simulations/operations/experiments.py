"""Ask what an experiment shows."""

from __future__ import annotations

from datetime import datetime

import msgspec

from catalog.models import Run
from catalog.operations.runs import start_run
from ranking.models import Experiment

KIND = "experiment"


class AnalysisRequest(msgspec.Struct, kw_only=True, frozen=True):
    """The parameters of an analysis' Run."""

    name: str
    metric: str | None = None
    correction: str = "holm"


class NotStartedError(RuntimeError):
    """An experiment that answered nobody has nothing to be analysed."""


def start_analysis(
    experiment: Experiment, request: AnalysisRequest, *, at: datetime, by: str
) -> Run:
    """Start a Run that analyses an experiment. Called inside the org's scope.

    Raises
    ------
    NotStartedError
        If it has not been started.
    """
    if experiment.started_at is None:
        raise NotStartedError(f"{experiment.name} was not started yet.")
    return start_run(
        experiment.namespace,
        kind=KIND,
        at=at,
        parameters=msgspec.to_builtins(request),
        requested_by=by,
    )
