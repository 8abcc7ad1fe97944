"""What an experiment shows, as a Run that somebody can follow."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.utils import timezone

from catalog.models import Namespace
from catalog.operations.runs import LeasedHandle, Outcome, RunFailedError
from catalog.tenancy import org_scope
from ranking.core.experiments import METRICS
from ranking.models import Experiment, ExperimentState
from ranking.queries.experiments import variants_of
from simulations.core.experiments import Plan, Report, report_of
from simulations.queries.experiments import Exposed, exposed_of, samples_of

from .experiments import AnalysisRequest

_SECONDS_A_DAY = 86_400


def execute_analysis(handle: LeasedHandle) -> Outcome:
    """Do a Run of kind "experiment"."""
    request = msgspec.convert(handle.parameters, AnalysisRequest)
    handle.progress(0.1, "Reading who was answered and what they did")
    with org_scope(handle.org_id):
        row = (
            Experiment.objects.select_related("namespace")
            .filter(namespace=handle.namespace, name=request.name)
            .first()
        )
        if row is None:
            raise RunFailedError(f"Experiment {request.name} is gone.")
        result = analyse(row.namespace, row, request, at=timezone.now())
    return Outcome(result=result)


def analyse(
    namespace: Namespace, row: Experiment, request: AnalysisRequest, *, at: datetime
) -> dict[str, Any]:
    """Return what an experiment shows up to a moment."""
    assert row.started_at is not None
    variants = variants_of(row.variants)
    names = [variant.name for variant in variants]
    since = max(row.started_at, row.starts_at or row.started_at)
    until = min(at, row.ends_at or at, row.stopped_at or at)
    metric = request.metric or row.metric
    exposed = exposed_of(namespace, row.name, names, since=since, until=until)
    samples = samples_of(
        namespace, exposed, names, metric=metric, since=since, until=until
    )
    plan = Plan(
        metric=METRICS[metric],
        weights=[variant.weight for variant in variants],
        smallest_effect=row.smallest_effect,
        days=max((until - since) / timedelta(days=1), 1 / _SECONDS_A_DAY),
        has_end=row.ends_at is not None,
        is_past_end=(row.ends_at is not None and row.ends_at <= at)
        or row.state == ExperimentState.STOPPED,
        correction=request.correction,
    )
    report = report_of(samples, plan)
    return _told(row, metric, report, exposed) | {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "variants": [
            {
                "name": name,
                "weight": variant.weight,
                "subjects": len(sample),
                "answers": exposed.requests[place],
                "mean": float(sample.outcomes.mean()) if len(sample) else None,
            }
            for place, (name, variant, sample) in enumerate(
                zip(names, variants, samples, strict=True)
            )
        ],
    }


def _told(
    row: Experiment, metric: str, report: Report, exposed: Exposed
) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(report)
    verdicts = told.pop("verdicts")
    for each, compared in zip(told["compared"], report.compared, strict=True):
        each["relative"] = compared.relative
        each["is_real"] = compared.is_real
    return {
        "experiment": row.name,
        "metric": metric,
        "metric_in_words": METRICS[metric],
        "smallest_effect": row.smallest_effect,
        **verdicts,
        **told,
        "notes": _notes(exposed),
    }


def _notes(exposed: Exposed) -> list[str]:
    found = [
        "Subjects who did nothing count with 0, and what somebody does counts from"
        " their first answer on."
    ]
    if exposed.without_user:
        found.append(
            f"{exposed.without_user:,} answers went to visitors of whom only a session"
            " is known: what they did cannot be joined, and they are left out."
        )
    if exposed.crossed:
        found.append(
            f"{exposed.crossed:,} subjects were answered by more than one variant and"
            " are left out."
        )
    return found
