"""The figures of a trial: of all users, of each segment, and a few lists to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from simulations.core.bootstrap import Figure, Resample
from simulations.core.measuring import measure_together
from simulations.core.reporting import LEAST_IN_SLICE
from tuning.core.spec import TOGETHER, SweepSpec

from .asked import AskedFold

type I64 = NDArray[np.int64]
type F64 = NDArray[np.float64]

_DRAWS = 200
_EXAMPLES, _EXAMPLE_LENGTH = 6, 10
_LIFTED = ("ndcg", "mrr", "recall")


class Measured(Struct, frozen=True, kw_only=True):
    """What one trial came to."""

    metrics: dict[str, float | None]
    intervals: dict[str, Figure]
    """Of the objectives and what guardrails look at, bootstrapped over users."""

    segments: dict[str, dict[str, float | None]]
    examples: list[dict[str, Any]]
    users: int
    columns: dict[str, F64]
    """Every user's figures, to compare trials user by user."""

    popular: dict[str, F64]
    row_users: I64


def measured(
    asked: Sequence[AskedFold],
    lists: Sequence[I64],
    spec: SweepSpec,
    *,
    only_sample: bool = False,
) -> Measured:
    """Measure lists; with `only_sample`, of the quarter that is asked first."""
    rows = [fold.sample if only_sample else fold.everybody for fold in asked]
    columns = _columns(
        [fold.measure(each) for fold, each in zip(asked, lists, strict=True)], rows
    )
    popular = _columns([fold.popular_columns for fold in asked], rows)
    names = np.concatenate(
        [np.array(fold.segments)[some] for fold, some in zip(asked, rows, strict=True)]
    )
    users = np.concatenate(
        [fold.held.users[some] for fold, some in zip(asked, rows, strict=True)]
    )
    segments = _segments(columns, popular, names, ks=spec.evaluation.ks)
    metrics = {name: _mean(values) for name, values in columns.items()}
    metrics |= _together(asked, lists, rows, spec)
    metrics |= _lifts(columns, popular, segments, k=spec.evaluation.ks[0])
    metrics |= {
        f"segments.{name}.{metric}": value
        for name, figures in segments.items()
        for metric, value in figures.items()
        if metric in columns
    }
    return Measured(
        metrics=metrics,
        intervals={} if only_sample else _intervals(columns, users, spec),
        segments=segments,
        examples=[] if only_sample else _examples(asked[-1], lists[-1]),
        users=len(np.unique(users)),
        columns=columns,
        popular=popular,
        row_users=users,
    )


def _columns(
    of_folds: Sequence[Mapping[str, F64]], rows: Sequence[I64]
) -> dict[str, F64]:
    return {
        name: np.concatenate(
            [each[name][some] for each, some in zip(of_folds, rows, strict=True)]
        )
        for name in of_folds[0]
        if name != "auc"
    }


def _mean(values: F64) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def _together(
    asked: Sequence[AskedFold],
    lists: Sequence[I64],
    rows: Sequence[I64],
    spec: SweepSpec,
) -> dict[str, float | None]:
    """Return the measures of all lists together, means over folds, without draws."""
    found: dict[str, list[float]] = {}
    for fold, each, some in zip(asked, lists, rows, strict=True):
        once = Resample(fold.held.users[some], draws=1, seed=0)
        told = measure_together(each[some], fold.facts, once, ks=spec.evaluation.ks)
        for name, figure in told.items():
            found.setdefault(name, []).append(figure.value)
    means = {name: float(np.mean(values)) for name, values in found.items()}
    return {
        name: value if np.isfinite(value) else None for name, value in means.items()
    }


def _segments(
    columns: Mapping[str, F64],
    popular: Mapping[str, F64],
    names: NDArray[np.str_],
    *,
    ks: Sequence[int],
) -> dict[str, dict[str, float | None]]:
    found = {}
    for name in np.unique(names).tolist():
        these = names == name
        figures = {metric: _mean(values[these]) for metric, values in columns.items()}
        for metric in _LIFTED:
            key = f"{metric}@{ks[0]}"
            lift = _lift(columns[key][these], popular[key][these])
            figures[f"lift_{metric}"] = lift
        found[name] = {"users": float(these.sum()), **figures}
    return found


def _lift(ours: F64, theirs: F64) -> float | None:
    base = _mean(theirs)
    mean = _mean(ours)
    return mean / base - 1.0 if base and mean is not None else None


def _lifts(
    columns: Mapping[str, F64],
    popular: Mapping[str, F64],
    segments: Mapping[str, Mapping[str, float | None]],
    *,
    k: int,
) -> dict[str, float | None]:
    """Return the lifts over popularity: of all, and of the segment with the least."""
    found: dict[str, float | None] = {}
    for metric in _LIFTED:
        key = f"{metric}@{k}"
        found[f"lift_{metric}"] = _lift(columns[key], popular[key])
        of_segments = [
            figures[f"lift_{metric}"]
            for figures in segments.values()
            if (figures["users"] or 0) >= LEAST_IN_SLICE
        ]
        known = [each for each in of_segments if each is not None]
        # A segment that cannot be told leaves the whole untold: it is no pass.
        is_told = bool(known) and len(known) == len(of_segments)
        found[f"segment_lift_{metric}"] = min(known) if is_told else None
    return found


def _intervals(
    columns: Mapping[str, F64], users: I64, spec: SweepSpec
) -> dict[str, Figure]:
    resample = Resample(users, draws=_DRAWS, seed=spec.evaluation.seed)
    wanted = {each.metric for each in spec.objectives}
    wanted |= {f"{metric}@{spec.evaluation.ks[0]}" for metric in _LIFTED}
    return {
        name: resample.mean(columns[name])
        for name in sorted(wanted)
        if name in columns and name.partition("@")[0] not in TOGETHER
    }


def _examples(fold: AskedFold, lists: I64) -> list[dict[str, Any]]:
    """Return what some users would be shown, the same users in every trial."""
    places = np.linspace(0, len(fold) - 1, min(_EXAMPLES, len(fold))).astype(int)
    numbers = fold.stage.world.snapshot.numbers
    told = []
    for row in np.unique(places).tolist():
        shown = lists[row][lists[row] >= 0][:_EXAMPLE_LENGTH]
        start, end = fold.held.chosen.indptr[row], fold.held.chosen.indptr[row + 1]
        chosen = set(fold.held.chosen.indices[start:end].tolist())
        told.append(
            {
                "user_id": fold.people[row].user_id,
                "segment": fold.segments[row],
                "items": numbers[shown].tolist(),
                "hits": [n for n, item in enumerate(shown.tolist()) if item in chosen],
                "chosen": len(chosen),
            }
        )
    return told
