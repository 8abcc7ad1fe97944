"""An evaluation as its page draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from catalog.admin.page import Chip
from simulations.core.baselines import IN_WORDS
from simulations.core.bootstrap import Figure
from simulations.core.evaluation import (
    SYSTEM,
    EvaluationSpec,
    Figures,
    FoldReport,
    Lift,
    Report,
    Slice,
)
from simulations.core.reporting import metric_words, model_words
from simulations.core.specs import configuration_words, split_words
from simulations.models import Evaluation
from simulations.queries.evaluations import report_of

from .figures_shown import (
    BETTER,
    NOT_BETTER,
    NOT_JUDGED,
    UNCLEAR,
    WORSE,
    Whisker,
    gap_chip,
    gap_words,
    interval_words,
    is_better_above,
    short_words,
    value_words,
    whisker,
    with_interval,
)

TILES = ("ndcg", "mrr", "recall", "catalog_coverage", "long_tail_share")
FURTHER = (
    *("hit_rate", "precision", "map", "auc", "novelty", "serendipity"),
    *("intra_list_similarity", "category_entropy", "gini_exposure"),
    *("brand_exposure_ratio", "popularity_bias"),
)


@dataclass(frozen=True, kw_only=True)
class Tile:
    title: str
    value: str
    interval: str
    against: str
    chip: Chip
    whisker: Whisker | None


@dataclass(frozen=True, kw_only=True)
class ModelRow:
    name: str
    about: str
    figures: Sequence[str]
    gap: str
    chip: Chip | None
    whisker: Whisker | None


@dataclass(frozen=True, kw_only=True)
class SliceRow:
    kind: str
    key: str
    users: int
    value: str
    theirs: str
    gap: str
    chip: Chip
    whisker: Whisker | None


@dataclass(frozen=True, kw_only=True)
class Shown:
    evaluation: Evaluation
    report: Report
    chip: Chip
    lead: str
    rival: str
    split: str
    evaluated: str
    configuration: str
    spec: EvaluationSpec
    tiles: Sequence[Tile]
    columns: Sequence[str]
    models: Sequence[ModelRow]
    slices: Sequence[SliceRow]
    further: Sequence[tuple[str, Sequence[str]]]
    further_models: Sequence[str]
    folds: Sequence[tuple[FoldReport, str]] = field(default_factory=tuple)


def shown_evaluation(evaluation: Evaluation) -> Shown:
    report = report_of(evaluation)
    spec = msgspec.convert(evaluation.spec, EvaluationSpec)
    metrics = list(report.models[SYSTEM])
    lead = first_cut(metrics, "ndcg")
    rival = _rival(report, lead)
    best = report.lift(lead, rival) if rival else None
    columns = [
        first_cut(metrics, name) for name in ("ndcg", "recall", "mrr", "hit_rate")
    ]
    further = [each for name in FURTHER if (each := first_cut(metrics, name))]
    gaps = [each.difference for each in report.lifts if each.metric == lead]
    return Shown(
        evaluation=evaluation,
        report=report,
        chip=gap_chip(_gap(best)),
        lead=metric_words(lead),
        rival=model_words(rival) if rival else "nothing",
        split=split_words(report),
        evaluated=configuration_words(spec),
        configuration=bytes(evaluation.configuration_hash).hex()[:8],
        spec=spec,
        tiles=[_tile(report, first_cut(metrics, name), rival) for name in TILES],
        columns=[metric_words(metric) for metric in columns],
        models=[
            _model(report, name, figures, columns=columns, lead=lead, gaps=gaps)
            for name, figures in report.in_order()
        ],
        slices=_slices(report, lead=lead, rival=rival),
        further_models=[model_words(name) for name, _ in report.in_order()],
        further=[
            (
                metric_words(metric),
                [with_interval(f.get(metric)) for _, f in report.in_order()],
            )
            for metric in further
        ],
        folds=[(fold, short_words(fold.models[SYSTEM][lead])) for fold in report.folds],
    )


def chip_of(evaluation: Evaluation) -> Chip:
    """Return the verdict of an evaluation in a word or two."""
    beginnings = {"Better": BETTER, "Worse": WORSE, "No sure": UNCLEAR}
    for beginning, chip in beginnings.items():
        if evaluation.headline.startswith(beginning):
            return chip
    return NOT_JUDGED


def first_cut(metrics: Sequence[str], name: str) -> str:
    """Return the metric of a name: of the smallest cut, for shares of the largest."""
    cuts = [metric for metric in metrics if metric.partition("@")[0] == name]
    cuts.sort(key=lambda metric: int(metric.partition("@")[2] or 0))
    if not cuts:
        return ""
    is_wide = name in ("recall", "catalog_coverage", "long_tail_share")
    return cuts[-1] if is_wide else cuts[0]


def _rival(report: Report, metric: str) -> str:
    """Return the baseline with the highest figure."""
    others = {
        name: figures[metric].value or 0.0
        for name, figures in report.models.items()
        if name != SYSTEM and metric in figures
    }
    return max(others, key=lambda name: others[name]) if others else ""


def _tile(report: Report, metric: str, rival: str) -> Tile:
    figure = report.models[SYSTEM].get(metric)
    lift = report.lift(metric, rival)
    theirs = report.models.get(rival, {}).get(metric)
    return Tile(
        title=metric_words(metric),
        value=value_words(figure),
        interval=interval_words(figure),
        against=f"{model_words(rival)} {value_words(theirs)}" if theirs else "",
        chip=gap_chip(_gap(lift)) if is_better_above(metric) else NOT_BETTER,
        whisker=whisker([lift.difference] if lift else [], 0),
    )


def _gap(lift: Lift | None) -> Figure | None:
    return lift.difference if lift else None


def _model(
    report: Report,
    name: str,
    figures: Figures,
    *,
    columns: Sequence[str],
    lead: str,
    gaps: Sequence[Figure],
) -> ModelRow:
    lift = report.lift(lead, name)
    place = gaps.index(lift.difference) if lift else -1
    return ModelRow(
        name=model_words(name),
        about="what is evaluated" if name == SYSTEM else IN_WORDS.get(name, "kept"),
        figures=[
            with_interval(figures.get(metric))
            if metric == lead
            else value_words(figures.get(metric))
            for metric in columns
        ],
        gap=gap_words(_gap(lift), lift.relative if lift else None),
        chip=gap_chip(lift.difference) if lift else None,
        whisker=whisker(gaps, place) if lift else None,
    )


def _slices(report: Report, *, lead: str, rival: str) -> list[SliceRow]:
    found = [(each, _lift_in(each, lead, rival)) for each in report.slices]
    gaps = [lift.difference for _, lift in found if lift]
    rows = []
    for each, lift in found:
        theirs = each.models.get(rival, {}).get(lead)
        rows.append(
            SliceRow(
                kind=each.kind.capitalize(),
                key=each.key,
                users=each.users,
                value=value_words(each.models[SYSTEM].get(lead)),
                theirs=value_words(theirs),
                gap=gap_words(_gap(lift), lift.relative if lift else None),
                chip=gap_chip(_gap(lift)),
                whisker=whisker(gaps, gaps.index(lift.difference)) if lift else None,
            )
        )
    return rows


def _lift_in(part: Slice, metric: str, baseline: str) -> Lift | None:
    for lift in part.lifts:
        if (lift.metric, lift.baseline) == (metric, baseline):
            return lift
    return None
