"""An evaluation as its page draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from catalog.admin.page import Chip
from simulations.core.baselines import IN_WORDS
from simulations.core.bootstrap import Figure
from simulations.core.evaluation import SYSTEM, Figures, FoldReport, Lift, Report, Slice
from simulations.core.reporting import metric_words, model_words
from simulations.core.splits import Split
from simulations.models import Evaluation
from simulations.queries.evaluations import report_of

BETTER = Chip(words="Better", icon="check", kind="good")
WORSE = Chip(words="Worse", icon="warning", kind="bad")
UNCLEAR = Chip(words="No clear difference", icon="info")
NOT_JUDGED = Chip(words="Not computed", icon="help")

TILES = ("ndcg", "mrr", "recall", "catalog_coverage", "long_tail_share")
FURTHER = (
    *("hit_rate", "precision", "map", "auc", "novelty", "serendipity"),
    *("intra_list_similarity", "category_entropy", "gini_exposure"),
    *("brand_exposure_ratio", "popularity_bias"),
)
_WIDTH, _EDGE = 120.0, 4.0


@dataclass(frozen=True, kw_only=True)
class Whisker:
    """An interval drawn on a line, in the units of a drawing 120 wide."""

    low: float
    value: float
    high: float
    zero: float | None
    words: str


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
    tiles: Sequence[Tile]
    columns: Sequence[str]
    models: Sequence[ModelRow]
    slices: Sequence[SliceRow]
    further: Sequence[tuple[str, Sequence[str]]]
    further_models: Sequence[str]
    folds: Sequence[tuple[FoldReport, str]] = field(default_factory=tuple)


def shown_evaluation(evaluation: Evaluation) -> Shown:
    report = report_of(evaluation)
    metrics = list(report.models[SYSTEM])
    lead = _first(metrics, "ndcg")
    rival = _rival(report, lead)
    best = report.lift(lead, rival) if rival else None
    columns = [_first(metrics, name) for name in ("ndcg", "recall", "mrr", "hit_rate")]
    further = [each for name in FURTHER if (each := _first(metrics, name))]
    gaps = [each.difference for each in report.lifts if each.metric == lead]
    return Shown(
        evaluation=evaluation,
        report=report,
        chip=_chip(best),
        lead=metric_words(lead),
        rival=model_words(rival) if rival else "nothing",
        split=_split_words(report),
        tiles=[_tile(report, _first(metrics, name), rival) for name in TILES],
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
                [_short(f.get(metric)) for _, f in report.in_order()],
            )
            for metric in further
        ],
        folds=[
            (fold, _short_value(fold.models[SYSTEM][lead])) for fold in report.folds
        ],
    )


def chip_of(evaluation: Evaluation) -> Chip:
    """Return the verdict of an evaluation in a word or two."""
    beginnings = {"Better": BETTER, "Worse": WORSE, "No sure": UNCLEAR}
    for beginning, chip in beginnings.items():
        if evaluation.headline.startswith(beginning):
            return chip
    return NOT_JUDGED


def _first(metrics: Sequence[str], name: str) -> str:
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
        value=_value(figure),
        interval=_interval(figure),
        against=f"{model_words(rival)} {_value(theirs)}" if theirs else "",
        chip=_chip(lift) if metric.partition("@")[0] in _MORE_IS_BETTER else NOT_BETTER,
        whisker=_whisker([lift.difference] if lift else [], 0),
    )


_MORE_IS_BETTER = ("ndcg", "mrr", "recall", "hit_rate", "precision", "map", "auc")
NOT_BETTER = Chip(words="What is shown", icon="info")


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
            _short(figures.get(metric))
            if metric == lead
            else _value(figures.get(metric))
            for metric in columns
        ],
        gap=_gap(lift),
        chip=_chip(lift) if lift else None,
        whisker=_whisker(gaps, place) if lift else None,
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
                value=_value(each.models[SYSTEM].get(lead)),
                theirs=_value(theirs),
                gap=_gap(lift),
                chip=_chip(lift),
                whisker=_whisker(gaps, gaps.index(lift.difference)) if lift else None,
            )
        )
    return rows


def _lift_in(part: Slice, metric: str, baseline: str) -> Lift | None:
    for lift in part.lifts:
        if (lift.metric, lift.baseline) == (metric, baseline):
            return lift
    return None


def _chip(lift: Lift | None) -> Chip:
    if lift is None or lift.difference.value is None:
        return NOT_JUDGED
    if not lift.is_sure:
        return UNCLEAR
    return BETTER if lift.difference.value > 0 else WORSE


def _whisker(gaps: Sequence[Figure], place: int) -> Whisker | None:
    """Return one of several intervals, drawn on the scale of all of them and 0."""
    known = [each for each in gaps if each.low is not None and each.high is not None]
    if not known or not 0 <= place < len(gaps):
        return None
    figure = gaps[place]
    if figure.value is None or figure.low is None or figure.high is None:
        return None
    low = min(0.0, *(each.low or 0.0 for each in known))
    high = max(0.0, *(each.high or 0.0 for each in known))
    span = (high - low) or 1.0

    def x(value: float) -> float:
        return round(_EDGE + (value - low) / span * (_WIDTH - 2 * _EDGE), 1)

    return Whisker(
        low=x(figure.low),
        value=x(figure.value),
        high=x(figure.high),
        zero=x(0.0),
        words=f"{figure.value:+.4f}, 95 % interval {figure.low:+.4f} to"
        f" {figure.high:+.4f}",
    )


def _value(figure: Figure | None) -> str:
    return _short_value(None if figure is None else figure.value)


def _short_value(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _interval(figure: Figure | None) -> str:
    if figure is None or figure.low is None or figure.high is None:
        return "not computed"
    return f"{figure.low:.4f} to {figure.high:.4f}"


def _short(figure: Figure | None) -> str:
    if figure is None or figure.value is None:
        return "–"
    return f"{figure.value:.4f} ({_interval(figure)})"


def _gap(lift: Lift | None) -> str:
    if lift is None or lift.difference.value is None:
        return "–"
    told = f"{lift.difference.value:+.4f}"
    if lift.relative.value is not None:
        told += f" ({lift.relative.value:+.0%})"
    return told.replace("-", "−")


_SPLITS = {
    "time": "by time",
    "leave_last_out": "each user's last event",
    "user_folds": "parts of the users",
}


def _split_words(report: Report) -> str:
    kind = _SPLITS[Split(kind=report.split["kind"]).kind]
    cuts = ", ".join(fold.cut[:16].replace("T", " ") for fold in report.folds)
    return f"{kind}, {cuts}"
