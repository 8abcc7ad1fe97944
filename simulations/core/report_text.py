"""A report as a terminal shows it."""

from __future__ import annotations

from collections.abc import Sequence

from .bootstrap import Figure
from .evaluation import SYSTEM, Report
from .reporting import metric_words, model_words

SHOWN = ("ndcg", "recall", "mrr", "hit_rate", "catalog_coverage", "long_tail_share")


def text_of(report: Report) -> str:
    """Return the verdict, the models' figures, segments and notes."""
    metrics = _metrics(report)
    lines = [report.headline, ""]
    head = ["", *[metric_words(metric) for metric in metrics]]
    rows = [
        [model_words(name), *[_cell(figures.get(metric)) for metric in metrics]]
        for name, figures in report.in_order()
    ]
    lines += _table([head, *rows])
    if report.slices:
        lead = metrics[0]
        head = ["slice", "users", metric_words(lead), "over popularity"]
        lines += ["", *_table([head, *_slices(report, lead)])]
    for fold in report.folds:
        left = ", ".join(f"{n:,} {why}" for why, n in fold.left_out.items())
        lines.append(
            f"\n{fold.name}: {fold.users:,} users, {fold.items:,} items,"
            f" {fold.events_before:,} events before and {fold.events_after:,} after."
            + (f" Left out: {left}." if left else "")
        )
    return "\n".join([*lines, "", *report.notes])


def _metrics(report: Report) -> list[str]:
    names = list(report.models[SYSTEM])
    return [
        metric for name in SHOWN for metric in names if metric.partition("@")[0] == name
    ]


def _slices(report: Report, metric: str) -> list[list[str]]:
    rows = []
    for each in report.slices:
        lifts = [
            lift.relative
            for lift in each.lifts
            if (lift.metric, lift.baseline) == (metric, "popularity")
        ]
        lift = lifts[0].value if lifts else None
        rows.append(
            [
                f"{each.kind} {each.key}",
                f"{each.users:,}",
                _cell(each.models[SYSTEM].get(metric)),
                "–" if lift is None else f"{lift:+.0%}",
            ]
        )
    return rows


def _cell(figure: Figure | None) -> str:
    if figure is None or figure.value is None:
        return "–"
    return f"{figure.value:.4f} [{figure.low:.4f}, {figure.high:.4f}]"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        "  ".join(
            text.ljust(width) for text, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
