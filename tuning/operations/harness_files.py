"""A sweep as files: `summary.json`, `run_###.json`, a report, and one zip of all."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from django.template.loader import render_to_string

from catalog.models import Item
from catalog.tenancy import org_scope
from ranking.core.knobs import KNOBS_BY_NAME
from tuning.core.spec import spec_of
from tuning.models import Sweep, Trial, TrialState
from tuning.queries.sweeps import shown_sweep

REPORT = "report.html"


def write_files(sweep: Sweep, folder: Path, *, segment: str | None) -> dict[str, Any]:
    """Write what a sweep found, in the layout that reports of tuning always had."""
    folder.mkdir(parents=True, exist_ok=True)
    with org_scope(sweep.org_id):
        trials = list(Trial.objects.filter(sweep=sweep).order_by("number"))
        context = shown_sweep(sweep, trials)
    runs = [run_of(trial, sweep, segment=segment) for trial in trials]
    for number, run in enumerate(runs, start=1):
        _write(folder / f"run_{number:03d}.json", run)
        _write(folder / f"quality_{number:03d}.json", _quality(trials[number - 1]))
    summary = {
        "sweep_id": str(sweep.pk),
        "namespace": sweep.namespace.name,
        "profile": sweep.profile,
        "headline": sweep.outcome.get("headline", ""),
        "best": sweep.outcome.get("best"),
        "front": sweep.outcome.get("front", []),
        "importance": sweep.outcome.get("importance", []),
        "evidence": sweep.outcome.get("evidence", {}),
        "spec": sweep.spec,
        "runs": runs,
    }
    _write(folder / "summary.json", summary)
    page = render_to_string("recsys/sweep_report.html", context)
    (folder / REPORT).write_text(page, encoding="utf-8")
    return summary


def bundle(sweep: Sweep, folder: Path, path: Path) -> Path:
    """Put a sweep's files into one zip, with verdicts, samples and how it was done."""
    with org_scope(sweep.org_id):
        trials = list(Trial.objects.filter(sweep=sweep).order_by("number"))
        titles = _titles(trials)
    _write(folder / "guardrail_verdicts.json", _verdicts(sweep, trials))
    _write(folder / "samples.json", _samples(sweep, trials, titles))
    _write(folder / "traces.json", [_trace(trial) for trial in trials])
    with zipfile.ZipFile(path, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        for each in sorted(folder.iterdir()):
            if each != path and each.is_file():
                archive.write(each, arcname=each.name)
    return path


def run_of(trial: Trial, sweep: Sweep, *, segment: str | None) -> dict[str, Any]:
    """Return one trial as a `run_###.json` has it."""
    metrics: dict[str, Any] = {
        "ndcg_lift": trial.metrics.get("lift_ndcg"),
        "mrr_lift": trial.metrics.get("lift_mrr"),
        "recall_lift": trial.metrics.get("lift_recall"),
        "catalog_coverage": trial.metrics.get("catalog_coverage@20"),
        "long_tail_share": trial.metrics.get("long_tail_share@20"),
        "user_count": sum(int(each["users"]) for each in trial.segments.values()),
    }
    if segment is not None:
        found = trial.segments.get(segment, {})
        metrics |= {
            "segment_ndcg_lift": found.get("lift_ndcg"),
            "segment_mrr_lift": found.get("lift_mrr"),
            "segment_user_count": int(found.get("users") or 0),
        }
    return {
        "run": trial.number + 1,
        "trial": trial.number,
        "state": trial.state,
        "parameters": parameters_of(sweep, trial.values),
        "values": _in_order(sweep, trial.values),
        "metrics": metrics,
        "figures": trial.metrics,
        "violation": trial.violation,
        "error": trial.error,
    }


def parameters_of(sweep: Sweep, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values under the names of environment variables, where knobs have them."""
    return {
        KNOBS_BY_NAME[each.knob].env or each.name: values[each.name]
        for each in spec_of(sweep.spec).parameters
        if each.name in values
    }


def _in_order(sweep: Sweep, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values in the order of the specification, which the database forgets."""
    parameters = spec_of(sweep.spec).parameters
    return {each.name: values[each.name] for each in parameters if each.name in values}


def _quality(trial: Trial) -> dict[str, Any]:
    return {
        "metrics": trial.metrics,
        "intervals": trial.intervals,
        "segments": trial.segments,
        "guardrails": trial.verdicts,
    }


def _verdicts(sweep: Sweep, trials: Sequence[Trial]) -> dict[str, Any]:
    evidence = sweep.outcome.get("evidence", {})
    return {
        "held_out": {
            "verdict": evidence.get("verdict"),
            "guardrails": evidence.get("verdicts", []),
            "before": evidence.get("verdicts_before", []),
        },
        "trials": {each.number: each.verdicts for each in trials},
    }


def _samples(
    sweep: Sweep, trials: Sequence[Trial], titles: Mapping[int, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return requests and what they were answered, of the first trial and the best."""
    chosen = {0, sweep.outcome.get("best")}
    evaluation = spec_of(sweep.spec).evaluation
    return [
        {
            "trial": trial.number,
            "request": {
                "namespace": sweep.namespace.name,
                "user_id": each["user_id"],
                "surface": evaluation.surface,
                "k": evaluation.k,
            },
            "answer": [titles.get(item, {"item": item}) for item in each["items"]],
            "hits": each["hits"],
        }
        for trial in trials
        if trial.number in chosen
        for each in trial.examples
    ]


def _trace(trial: Trial) -> dict[str, Any]:
    return {
        "trial": trial.number,
        "state": trial.state,
        "values": trial.values,
        "expected": trial.expected,
        "early": trial.early,
        "attempts": trial.fencing_token,
        "seconds": trial.seconds,
        "finished_at": trial.finished_at,
    }


def _titles(trials: Sequence[Trial]) -> dict[int, dict[str, Any]]:
    numbers = {
        item
        for trial in trials
        if trial.state == TrialState.DONE
        for each in trial.examples
        for item in each["items"]
    }
    rows = Item.objects.filter(pk__in=numbers).values_list("pk", "item_id", "title")
    return {key: {"item_id": item_id, "title": title} for key, item_id, title in rows}


def _write(path: Path, document: Any) -> None:
    encoded = msgspec.json.encode(document, enc_hook=str)
    path.write_bytes(msgspec.json.format(encoded) + b"\n")
