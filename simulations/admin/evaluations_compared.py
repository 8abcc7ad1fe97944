"""Several evaluations side by side, the others held against the first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from simulations.core.bootstrap import Figure
from simulations.core.evaluation import SYSTEM, EvaluationSpec, Report
from simulations.core.reporting import metric_words, model_words
from simulations.core.specs import (
    configuration_words,
    in_words,
    measured_differently,
    split_words,
)
from simulations.models import Evaluation
from simulations.queries.evaluations import report_of
from simulations.queries.paired import paired_gaps
from simulations.queries.stored_columns import CannotCompareError

from .comparing import Cell, Line, Part, SideBySide, told_apart
from .evaluation_shown import FURTHER, TILES, chip_of, first_cut
from .figures_shown import gap_chip, gap_words, is_better_above, whisker, with_interval

type Told = tuple[Evaluation, EvaluationSpec, Report]
type Gaps = dict[str, Figure]


def compared_evaluations(chosen: Sequence[Evaluation]) -> SideBySide:
    told = [
        (each, msgspec.convert(each.spec, EvaluationSpec), report_of(each))
        for each in chosen
    ]
    gaps, why_not = _gaps(told)
    return SideBySide(
        caution=_caution(told) or why_not,
        parts=[
            Part(title="What was measured", lines=_facts(told)),
            Part(
                title="Figures",
                lines=_figures(told, gaps),
                about="with 95 % intervals; below them the mean of each user's own"
                " difference from the first",
            ),
            Part(
                title="Against baselines",
                lines=_baselines(told),
                about="each against the baseline of its own report",
            ),
        ],
    )


def _caution(told: Sequence[Told]) -> str:
    """Say why figures of different columns may not be compared."""
    (_, first, _), *others = told
    unlike = {
        name for _, spec, _ in others for name in measured_differently(first, spec)
    }
    if unlike:
        names = " and ".join(sorted(in_words(name) for name in unlike))
        return (
            f"Not measured alike: {names} differ. Each column is right by itself; what"
            " is higher here is not better for it."
        )
    if len({each.events_fingerprint for each, _, _ in told}) > 1:
        return (
            "Measured on other events: some came in between. Evaluate again what is to"
            " be compared, the earlier with the later as its compare_to."
        )
    return ""


def _gaps(told: Sequence[Told]) -> tuple[list[Gaps], str]:
    """Return each one's differences from the first, and why some are not known."""
    (first, _, report), *others = told
    metrics = [metric for name in TILES + FURTHER if (metric := _metric(report, name))]
    found: list[Gaps] = [{}]
    why_not = ""
    for other, _, _ in others:
        try:
            found.append(paired_gaps(first, other, metrics))
        except CannotCompareError as error:
            found.append({})
            why_not = str(error)
    return found, why_not


def _metric(report: Report, name: str) -> str:
    return first_cut(list(report.models[SYSTEM]), name)


def _facts(told: Sequence[Told]) -> list[Line]:
    verdicts = [Cell(chip=chip_of(each)) for each, _, _ in told]
    facts: dict[str, Callable[[Told], str]] = {
        "Evaluated": lambda one: configuration_words(one[1]),
        "Configuration": lambda one: bytes(one[0].configuration_hash).hex()[:8],
        "May show": lambda one: one[1].task,
        "Split": lambda one: split_words(one[2]),
        "Relevant is": lambda one: one[1].relevance,
        "Places": lambda one: str(one[1].k),
        "Users": lambda one: f"{one[0].users:,}",
        "Events": lambda one: one[0].events_fingerprint[:8],
        "Engine": lambda one: str(one[0].engine_version),
    }
    return [
        ("Verdict", verdicts),
        *(
            (title, told_apart([fact(one) for one in told]))
            for title, fact in facts.items()
        ),
    ]


def _figures(told: Sequence[Told], gaps: Sequence[Gaps]) -> list[Line]:
    lines: list[Line] = []
    for name in TILES + FURTHER:
        metric = _metric(told[0][2], name)
        if not metric:
            continue
        drawn = [found[metric] for found in gaps if metric in found]
        lines.append(
            (
                metric_words(metric),
                [
                    _figure(report, metric, found.get(metric), drawn)
                    for (_, _, report), found in zip(told, gaps, strict=True)
                ],
            )
        )
    return lines


def _figure(
    report: Report, metric: str, gap: Figure | None, drawn: Sequence[Figure]
) -> Cell:
    words = with_interval(report.models[SYSTEM].get(metric))
    if gap is None:
        return Cell(words=words)
    return Cell(
        words=words,
        note=gap_words(gap),
        whisker=whisker(drawn, drawn.index(gap)),
        chip=gap_chip(gap) if is_better_above(metric) else None,
    )


def _baselines(told: Sequence[Told]) -> list[Line]:
    """Return how far each is above every baseline of its own report."""
    names = [name for name, _ in told[0][2].in_order() if name != SYSTEM]
    lines: list[Line] = []
    for name in names:
        cells = []
        for _, _, report in told:
            lift = report.lift(_metric(report, "ndcg"), name)
            gap = lift.difference if lift else None
            cells.append(Cell(words=gap_words(gap), chip=gap_chip(gap)))
        lines.append((f"NDCG above {model_words(name)}", cells))
    return lines
