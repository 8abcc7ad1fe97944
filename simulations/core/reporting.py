"""Make a report of what each user got: figures, lifts, slices and a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .bootstrap import Figure, Resample
from .evaluation import SYSTEM, Figures, FoldReport, Lift, Report, Slice, SliceKind
from .measuring import Columns

type I64 = NDArray[np.int64]
type Flags = NDArray[np.bool_]

LEAST_IN_SLICE = 10
"""Fewer users say nothing about a slice."""

MOST_CATEGORIES = 12
HISTORY_BOUNDS = ((1, 4), (5, 19), (20, 99), (100, None))
OF_SLICES = ("ndcg", "mrr", "recall", "hit_rate", "long_tail_share")


class Table(Struct, frozen=True, kw_only=True):
    """What every user of every fold got; row i of everything is the same one."""

    folds: I64
    users: I64
    segments: list[str]
    categories: list[str]
    """Of what the user chose most after the split."""

    surfaces: list[str]
    """Where the user did most after the split, empty where events do not tell."""

    events_before: I64
    models: dict[str, Columns]

    def __len__(self) -> int:
        return len(self.users)


class Facts(Struct, frozen=True, kw_only=True):
    """What a report tells beside its figures."""

    task: Literal["served", "all", "new"]
    k: int
    ks: tuple[int, ...]
    split: dict[str, Any]
    folds: list[FoldReport]
    together: dict[str, Figures]
    """Model to the measures of all its lists together."""

    counts: dict[str, int]
    notes: list[str]
    seconds: dict[str, float]


def report_of(table: Table, facts: Facts, resample: Resample) -> Report:
    """Return the report of an evaluation."""
    figures, lifts = _compare(table.models, resample)
    models = {
        name: {**each, **facts.together.get(name, {})} for name, each in figures.items()
    }
    lead = f"ndcg@{facts.ks[0]}"
    return Report(
        headline=headline(models, lifts, metric=lead, users=resample.n_users),
        task=facts.task,
        k=facts.k,
        split=facts.split,
        models=models,
        lifts=lifts,
        slices=_slices(table, facts, resample),
        folds=facts.folds,
        counts=facts.counts,
        notes=facts.notes,
        seconds=facts.seconds,
    )


def headline(
    models: dict[str, Figures], lifts: Sequence[Lift], *, metric: str, users: int
) -> str:
    """Say in one sentence what came of it, and how sure that is.

    It compares with the strongest baseline, and calls nothing better or worse whose
    paired interval holds 0.
    """
    ours = models[SYSTEM][metric]
    if ours.value is None:
        return "Not computed: nobody could be asked."
    shown = f"{metric_words(metric)} {ours.value:.4f} on {users:,} users"
    against = [each for each in lifts if each.metric == metric]
    against = [each for each in against if models[each.baseline][metric].is_known]
    if not against:
        return f"{shown}; there is nothing to compare with."
    best = max(against, key=lambda each: models[each.baseline][metric].value or 0.0)
    gap = best.difference
    told = (
        f"{shown}: {gap.value:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}] against"
        f" {model_words(best.baseline)}, the best baseline"
    )
    if not best.is_sure:
        return f"No sure difference from the best baseline. {told}."
    is_better = (gap.value or 0.0) > 0
    verdict = "Better than every baseline" if is_better else "Worse than a baseline"
    return f"{verdict}. {told}."


def metric_words(metric: str) -> str:
    """Return the name of a metric as people write it.

    >>> metric_words("ndcg@10"), metric_words("intra_list_similarity@10")
    ('NDCG@10', 'Intra-list similarity@10')
    """
    name, _, cut = metric.partition("@")
    words = _WORDS.get(name, name.replace("_", " ").capitalize())
    return f"{words}@{cut}" if cut else words


_WORDS = {
    "ndcg": "NDCG",
    "mrr": "MRR",
    "map": "MAP",
    "auc": "AUC",
    "intra_list_similarity": "Intra-list similarity",
    "gini_exposure": "Gini of exposure",
}


def model_words(name: str) -> str:
    """Return the name of a model as people write it.

    >>> model_words("own_purchases"), model_words("evaluation:spring")
    ('own purchases', 'spring')
    """
    known = {"item_knn": "item-kNN", "ials": "iALS", "ease": "EASE", SYSTEM: "RecSys"}
    return known.get(name, name.removeprefix("evaluation:").replace("_", " "))


def history_key(low: int, high: int | None) -> str:
    """Name a range of events.

    >>> history_key(5, 19), history_key(100, None)
    ('5-19 events', '100 and more events')
    """
    return f"{low} and more events" if high is None else f"{low}-{high} events"


def _compare(
    models: dict[str, Columns], resample: Resample
) -> tuple[dict[str, Figures], list[Lift]]:
    """Return every model's figures, and the lifts of ours above each of the others."""
    pairs = [
        (name, metric)
        for name, columns in models.items()
        for metric in columns
        if metric in models[SYSTEM]
    ]
    theirs = np.stack([models[name][metric] for name, metric in pairs], axis=1)
    ours = np.stack([models[SYSTEM][metric] for _, metric in pairs], axis=1)
    figures: dict[str, Figures] = {name: {} for name in models}
    for (name, metric), figure in zip(pairs, resample.means(theirs), strict=True):
        figures[name][metric] = figure
    gaps = resample.means(ours - theirs)
    ratios = resample.relatives(ours, theirs)
    lifts = [
        Lift(metric=metric, baseline=name, difference=gap, relative=ratio)
        for (name, metric), gap, ratio in zip(pairs, gaps, ratios, strict=True)
        if name != SYSTEM
    ]
    return figures, lifts


def _slices(table: Table, facts: Facts, resample: Resample) -> list[Slice]:
    found = []
    kinds: list[tuple[SliceKind, list[str]]] = [
        ("segment", _keys(table.segments)),
        ("surface", _keys(table.surfaces)),
        ("history", [history_key(*bounds) for bounds in HISTORY_BOUNDS]),
        ("category", _keys(table.categories)[:MOST_CATEGORIES]),
    ]
    metrics = [f"{name}@{k}" for k in facts.ks for name in OF_SLICES]
    for kind, keys in kinds:
        for key in keys:
            rows = _rows_of(table, kind, key)
            if len(np.unique(table.users[rows])) >= LEAST_IN_SLICE:
                found.append(_slice(table, kind, key, rows, metrics, resample))
    return found


def _slice(
    table: Table,
    kind: SliceKind,
    key: str,
    rows: Flags,
    metrics: Sequence[str],
    resample: Resample,
) -> Slice:
    part = resample.only(rows)
    models = {
        name: {metric: columns[metric][rows] for metric in metrics if metric in columns}
        for name, columns in table.models.items()
    }
    figures, lifts = _compare(models, part)
    return Slice(kind=kind, key=key, users=part.n_users, models=figures, lifts=lifts)


def _rows_of(table: Table, kind: str, key: str) -> Flags:
    if kind == "history":
        bounds = {history_key(*each): each for each in HISTORY_BOUNDS}
        low, high = bounds[key]
        rows: Flags = table.events_before >= low
        return rows if high is None else rows & (table.events_before <= high)
    of_kind = {
        "segment": table.segments,
        "surface": table.surfaces,
        "category": table.categories,
    }
    names = of_kind[kind]
    return np.array([name == key for name in names], dtype=np.bool_)


def _keys(names: Sequence[str]) -> list[str]:
    """Return the names, the most frequent first, ties by name; the empty one left out.

    >>> _keys(["b", "a", "b", ""])
    ['b', 'a']
    """
    counts: dict[str, int] = {}
    for name in names:
        if name:
            counts[name] = counts.get(name, 0) + 1
    return sorted(counts, key=lambda name: (-counts[name], name))


def figure_at(figures: dict[str, Figure], metric: str) -> float | None:
    """Return the value of a metric, None when it was not computed."""
    figure = figures.get(metric)
    return None if figure is None else figure.value
