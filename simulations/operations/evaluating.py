"""Evaluate a namespace honestly: split, build as of then, ask, compare, measure."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from catalog.core.moments import from_microseconds
from catalog.models import Namespace
from catalog.operations.runs import RunHandle, Unattended
from ranking.core.configuration import Configuration
from simulations.core.bootstrap import Figure, Resample
from simulations.core.evaluation import EvaluationSpec, FoldReport, Report
from simulations.core.measuring import Together, joined, measure_together
from simulations.core.reporting import Facts, Table, report_of
from simulations.core.splits import Fold, folds_of
from simulations.queries.stored_columns import stored_columns

from .fold_worlds import Clock, prepared_folds
from .folds import AnsweredFold, FoldResult, ask_fold, judge_fold
from .material import Material, read_material
from .per_user import per_user_table

_UNATTENDED = Unattended()

TRAITS_OF_TODAY = (
    "Traits of users, and words, prices and categories of items, are those of today;"
    " stock and availability of then are not known, so every item counts as available."
)
OFFLINE = (
    "People choose from what they are shown and what they already know: offline figures"
    " favour what was popular or shown then. They order candidates for a live"
    " experiment, they do not replace it."
)


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """An evaluation that came to its end, not stored yet."""

    report: Report
    per_user: pa.Table
    users: int
    configuration_hash: bytes
    events_fingerprint: str
    table: Table


def evaluate(
    namespace: Namespace,
    spec: EvaluationSpec,
    *,
    at: datetime,
    configuration: Configuration | None = None,
    handle: RunHandle = _UNATTENDED,
) -> Evaluated:
    """Evaluate a namespace in this process; nothing is stored.

    Called outside any transaction. With a configuration, what it would serve.

    Raises
    ------
    SplitError, NothingToEvaluateError
        If the data do not allow it.
    KnobError, UnknownKnobError, UnknownProfileError
        If the spec asks for what there is not.
    """
    clock = Clock()
    handle.progress(0.01, "Reading events and items")
    with clock.timed("read"):
        material = read_material(namespace, at=at, configuration=configuration)
        folds = folds_of(material.events, spec.split)
    # Threads of BLAS spin while they wait, at the cost of those who rank meanwhile.
    with threadpool_limits(1, user_api="blas"):
        results = _results(material, folds, spec, clock=clock, handle=handle)
        with clock.timed("report"):
            return _evaluated(material, spec, results, clock=clock)


def _results(
    material: Material,
    folds: Sequence[Fold],
    spec: EvaluationSpec,
    *,
    clock: Clock,
    handle: RunHandle,
) -> list[FoldResult]:
    """Return what came of each fold, in their order.

    The one with most to ask goes first: the others are prepared meanwhile, and little
    is left to be done when nothing is to be prepared any more.
    """
    order = sorted(range(len(folds)), key=lambda n: -int(folds[n].after.sum()))
    answered: list[AnsweredFold] = []
    results: list[FoldResult] = []
    with tempfile.TemporaryDirectory(prefix="evaluation-") as directory:
        prepared = prepared_folds(
            material,
            [folds[n] for n in order],
            spec,
            directory=Path(directory),
            clock=clock,
        )
        with closing(prepared), ThreadPoolExecutor(max_workers=1) as answering:
            for done, each in enumerate(prepared):
                handle.check_cancelled()
                handle.progress(
                    (done + 0.3) / len(folds), f"Evaluating {each.fold.name}"
                )
                one = ask_fold(material, each, spec, answering=answering, clock=clock)
                # Judged late, so that baselines answer while the next users are asked.
                answered.append(one)
                if len(answered) > 1:
                    results.append(judge_fold(material, answered.pop(0), clock=clock))
            results += [judge_fold(material, one, clock=clock) for one in answered]
    return [results[order.index(number)] for number in range(len(folds))]


def _evaluated(
    material: Material,
    spec: EvaluationSpec,
    results: Sequence[FoldResult],
    *,
    clock: Clock,
) -> Evaluated:
    table = table_of(results)
    names = [result.fold.name for result in results]
    for key in spec.compare_to:
        name, columns = stored_columns(
            material.namespace, key, spec=spec, table=table, folds=names
        )
        table.models[name] = columns
    resample = Resample(table.users, draws=spec.draws, seed=spec.seed)
    together = _together(results, table, resample, ks=spec.ks)
    facts = Facts(
        task=spec.task,
        k=spec.k,
        ks=spec.ks,
        split=msgspec.to_builtins(spec.split),
        folds=[fold_report(material, result) for result in results],
        together=together,
        counts={
            "users": resample.n_users,
            "questions": len(table),
            "events": len(material.events),
            "items": material.sources.items.num_rows,
        },
        notes=[TRAITS_OF_TODAY, OFFLINE],
        seconds=clock.seconds,
    )
    return Evaluated(
        report=report_of(table, facts, resample),
        per_user=per_user_table(results),
        users=resample.n_users,
        configuration_hash=material.configuration_hash,
        events_fingerprint=material.fingerprint,
        table=table,
    )


def table_of(results: Sequence[FoldResult]) -> Table:
    """Put the users of all folds below each other."""
    models = {
        name: {
            metric: np.concatenate([result.columns[name][metric] for result in results])
            for metric in results[0].columns[name]
        }
        for name in results[0].columns
    }
    return Table(
        folds=np.concatenate(
            [np.full(len(result.held), n) for n, result in enumerate(results)]
        ),
        users=np.concatenate([result.held.users for result in results]),
        segments=[name for result in results for name in result.segments],
        categories=[name for result in results for name in result.categories],
        surfaces=[name for result in results for name in result.surfaces],
        events_before=np.concatenate([r.held.events_before for r in results]),
        models=models,
    )


def _together(
    results: Sequence[FoldResult],
    table: Table,
    resample: Resample,
    *,
    ks: Sequence[int],
) -> dict[str, dict[str, Figure]]:
    """Return the measures of all lists together by model, two models at a time.

    Nothing else runs any more, and most of it is sorting, outside the interpreter.
    """
    draws = [resample.only(table.folds == n) for n in range(len(results))]

    def together(name: str) -> dict[str, Figure]:
        of_folds: list[dict[str, Together]] = [
            measure_together(result.lists[name], result.facts, of_fold, ks=ks)
            for result, of_fold in zip(results, draws, strict=True)
        ]
        return joined(of_folds, resample)

    names = list(results[0].columns)
    with ThreadPoolExecutor(max_workers=2) as pool:
        return dict(zip(names, pool.map(together, names), strict=True))


def fold_report(material: Material, result: FoldResult) -> FoldReport:
    """Return the facts of one fold and the means of its models."""
    means = {
        name: {
            metric: None if np.isnan(values).all() else float(np.nanmean(values))
            for metric, values in columns.items()
        }
        for name, columns in result.columns.items()
    }
    fold = result.fold
    after = np.unique(material.events.users[fold.after])
    left_out = {
        "no known item before or after": len(after)
        - len(result.held)
        - sum(result.left_out.values()),
        **result.left_out,
    }
    return FoldReport(
        name=fold.name,
        cut=from_microseconds(fold.cut_us).isoformat(),
        events_before=int(fold.before.sum()),
        events_after=int(fold.after.sum()),
        items=int(result.facts.candidates.sum()),
        users=len(result.held),
        left_out={why: n for why, n in left_out.items() if n},
        models=means,
    )
