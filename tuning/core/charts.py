"""Where the marks of a sweep's charts lie, in units of their own drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from .goals import Objective
from .space import Parameter

WIDE, HIGH = 640.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 16.0, 14.0, 40.0
_MOST_LINES = 300
_TICKS = 4
_WIDTH_OF_A_LETTER = 6.5


class Dot(Struct, frozen=True, kw_only=True):
    """One trial."""

    number: int
    x: float
    y: float
    kind: str
    """``front``, ``first``, ``broken`` or empty."""

    words: str


class Tick(Struct, frozen=True, kw_only=True):
    """A place on an axis."""

    at: float
    words: str


class Scatter(Struct, frozen=True, kw_only=True):
    """Trials by two figures, the front as a line."""

    dots: tuple[Dot, ...]
    line: str
    """Points of the front, for a polyline."""

    x_title: str
    y_title: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    wide: float = WIDE
    high: float = HIGH
    left: float = LEFT
    bottom: float = HIGH - BOTTOM
    right: float = WIDE - RIGHT


class Axis(Struct, frozen=True, kw_only=True):
    """One vertical of parallel coordinates."""

    x: float
    title: str
    """As much of the name as there is room for."""

    name: str
    low: str
    high: str


class Line(Struct, frozen=True, kw_only=True):
    """One trial across all verticals."""

    number: int
    points: str
    kind: str
    words: str


class Parallel(Struct, frozen=True, kw_only=True):
    """Every trial as a line through the values of its knobs to its figure."""

    axes: tuple[Axis, ...]
    lines: tuple[Line, ...]
    wide: float = WIDE
    high: float = HIGH
    top: float = TOP + 20
    bottom: float = HIGH - 30


class Point(Struct, frozen=True, kw_only=True):
    """A finished trial as charts take it."""

    number: int
    values: Mapping[str, Any]
    metrics: Mapping[str, float | None]
    is_on_front: bool = False
    is_broken: bool = False

    @property
    def kind(self) -> str:
        """How it is drawn."""
        if self.is_on_front:
            return "front"
        if self.number == 0:
            return "first"
        return "broken" if self.is_broken else ""


def scatter(points: Sequence[Point], objectives: Sequence[Objective]) -> Scatter | None:
    """Draw the first objective over the second, or over the trials' order."""
    y_metric = objectives[0].metric
    x_metric = objectives[1].metric if len(objectives) > 1 else None
    known = [
        (_figure(each, x_metric), each.metrics.get(y_metric), each) for each in points
    ]
    placed = [(x, y, each) for x, y, each in known if x is not None and y is not None]
    if not placed:
        return None
    x_of = _scale([x for x, _, _ in placed], LEFT, WIDE - RIGHT)
    y_of = _scale([y for _, y, _ in placed], HIGH - BOTTOM, TOP)
    dots = [
        Dot(
            number=each.number,
            x=x_of(x),
            y=y_of(y),
            kind=each.kind,
            words=f"Trial {each.number}: {y_metric} {y:.4f}"
            + (f", {x_metric} {x:.4f}" if x_metric else ""),
        )
        for x, y, each in placed
    ]
    front = sorted((dot.x, dot.y) for dot in dots if dot.kind == "front")
    return Scatter(
        # What matters is drawn last, above the others.
        dots=tuple(sorted(dots, key=lambda dot: (dot.kind != "", dot.number))),
        line=" ".join(f"{x:.1f},{y:.1f}" for x, y in front) if x_metric else "",
        x_title=x_metric or "trial",
        y_title=y_metric,
        x_ticks=_ticks([x for x, _, _ in placed], x_of, is_count=x_metric is None),
        y_ticks=_ticks([y for _, y, _ in placed], y_of),
    )


def _figure(point: Point, metric: str | None) -> float | None:
    return float(point.number) if metric is None else point.metrics.get(metric)


class _Scale(Struct, frozen=True):
    low: float
    span: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / self.span
        return round(self.start + (self.end - self.start) * share, 1)


def _scale(values: Sequence[float], start: float, end: float) -> _Scale:
    low, high = min(values), max(values)
    room = (high - low) * 0.05 or abs(high) * 0.1 or 1.0
    return _Scale(low - room, high - low + 2 * room, start, end)


def _ticks(
    values: Sequence[float], scale: _Scale, *, is_count: bool = False
) -> tuple[Tick, ...]:
    low, high = min(values), max(values)
    if low == high:
        return (Tick(at=scale(low), words=f"{low:.4g}"),)
    step = (high - low) / _TICKS
    marks = [low + step * n for n in range(_TICKS + 1)]
    return tuple(
        Tick(at=scale(mark), words=f"{mark:.0f}" if is_count else f"{mark:.4g}")
        for mark in marks
    )


def parallel(
    points: Sequence[Point],
    parameters: Sequence[Parameter],
    objective: Objective,
) -> Parallel | None:
    """Draw trials as lines from knob to knob, ending in the first objective."""
    known = [each for each in points if each.metrics.get(objective.metric) is not None]
    if not known:
        return None
    figures = [float(each.metrics[objective.metric] or 0.0) for each in known]
    y_of = _scale(figures, HIGH - 30, TOP + 20)
    step = (WIDE - 2 * LEFT) / len(parameters)
    axes = [
        Axis(
            x=round(LEFT + step * n, 1),
            title=_fitting(each.knob, step),
            name=each.name,
            low=_shown(each.value_at(0.0)),
            high=_shown(each.value_at(1.0)),
        )
        for n, each in enumerate(parameters)
    ]
    axes.append(
        Axis(
            x=round(WIDE - LEFT, 1),
            title=_fitting(objective.metric, LEFT),
            name=objective.metric,
            low=f"{min(figures):.4g}",
            high=f"{max(figures):.4g}",
        )
    )
    lines = [
        _line(each, parameters, axes, y=y_of(figure), figure=figure)
        for each, figure in zip(known, figures, strict=True)
    ]
    best_last = sorted(lines, key=lambda line: (line.kind != "", line.number))
    return Parallel(axes=tuple(axes), lines=tuple(best_last[-_MOST_LINES:]))


def _line(
    point: Point,
    parameters: Sequence[Parameter],
    axes: Sequence[Axis],
    *,
    y: float,
    figure: float,
) -> Line:
    top, bottom = TOP + 20, HIGH - 30
    places = []
    for parameter, axis in zip(parameters, axes, strict=False):
        share = parameter.share_of(point.values.get(parameter.name))
        inside = 0.5 if share is None else min(max(share, 0.0), 1.0)
        places.append(f"{axis.x:.1f},{bottom - (bottom - top) * inside:.1f}")
    places.append(f"{axes[-1].x:.1f},{y:.1f}")
    return Line(
        number=point.number,
        points=" ".join(places),
        kind=point.kind,
        words=f"Trial {point.number}: {figure:.4f}",
    )


def _fitting(name: str, step: float) -> str:
    """Return what fits of a name; neighbours stand in two lines."""
    room = max(int(2 * step / _WIDTH_OF_A_LETTER), 4)
    return name if len(name) <= room else f"{name[: room - 1]}…"


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)
