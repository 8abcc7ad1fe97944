"""Read the rules of a namespace once per configuration, whatever is asked later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .conditions import Condition
from .gates import Holdout
from .item_conditions import Node, props_of
from .memo import Memo
from .numbering import Reader
from .rule import Action, Rule, Target, TargetType, Window
from .windows import FOR_EVER, SINCE_EVER, instant_us

type F64 = NDArray[np.float64]
type I32 = NDArray[np.int32]
type I64 = NDArray[np.int64]

MOST_LOOKUPS = 16
MOST_SURFACES = 256


class Columns(Struct, frozen=True, kw_only=True):
    """Rules as columns; row i of each is the same rule.

    What a rule does without has number 0.
    """

    action: NDArray[np.uint8]
    """Place in ``ACTIONS``."""

    target: I32
    """Place in ``Reading.targets``."""

    surface: I32
    windows: I32
    segment: I32
    context: I32
    holdout: I32
    factor: F64
    """By what a rule multiplies scores, NaN for one that does not."""

    lift: F64
    """By what it lifts them (:mod:`rules.core.steps`), else NaN."""

    even_if: NDArray[np.bool_]
    """Whether it pins what is not available."""


class Reading(Struct, frozen=True, eq=False, kw_only=True):
    """All rules of a namespace, read."""

    rules: tuple[Rule, ...]
    """In order of precedence."""

    unreadable: tuple[tuple[str, str], ...]
    """Id and fault of rules that were left out."""

    columns: Columns
    targets: tuple[Target, ...]
    """Without repeats."""

    conditions: tuple[Node | None, ...]
    """Of each target that is one."""

    surfaces: Mapping[str, int]
    """Name to number, from 1; so also the following."""

    windows: tuple[tuple[Window, ...], ...]
    starts_us: I64
    """Shape (w,). Of each entry of ``windows`` that is one stretch of time."""

    ends_us: I64
    """Shape (w,). Not after the start where there is more to ask."""

    segments: Mapping[str, int]
    """By case-folded name."""

    props: tuple[str, ...]
    """Properties of items that conditions ask for."""

    contexts: tuple[Condition, ...]
    holdouts: tuple[Holdout, ...]
    memo: Memo
    """What was looked up for these rules."""

    by_surface: Memo
    """What was compiled of them, by surface."""


def read_rules(rules: Iterable[Rule]) -> Reading:
    """Read rules, in any order.

    A rule that cannot be read, because it came in past every check, is left
    out and named: the others shall act.
    """
    reader = Reader()
    read: list[Rule] = []
    lines: list[tuple[int, ...]] = []
    steps: list[tuple[float, float]] = []
    unreadable: list[tuple[str, str]] = []
    for rule in sorted(rules, key=lambda rule: rule.precedence):
        try:
            step = _step(rule)
            line = reader.line(rule)
        except (ValueError, LookupError, OSError) as error:
            unreadable.append((rule.id, str(error)))
        else:
            read.append(rule)
            lines.append(line)
            steps.append(step)
    windows = tuple(reader.windows.known)
    bounds = np.array([_bounds(w) for w in windows], dtype=np.int64).reshape(-1, 2)
    return Reading(
        rules=tuple(read),
        unreadable=tuple(unreadable),
        columns=_columns(read, lines, steps),
        targets=tuple(reader.distinct),
        conditions=tuple(reader.targets_read),
        surfaces=reader.surfaces.known,
        windows=windows,
        starts_us=bounds[:, 0],
        ends_us=bounds[:, 1],
        segments=reader.segments.known,
        props=_props(reader.targets_read),
        contexts=tuple(reader.contexts_read),
        holdouts=tuple(Holdout(*told) for told in reader.holdouts.known),
        memo=Memo(most=MOST_LOOKUPS),
        by_surface=Memo(most=MOST_SURFACES),
    )


def _columns(
    rules: Sequence[Rule],
    lines: Sequence[tuple[int, ...]],
    steps: Sequence[tuple[float, float]],
) -> Columns:
    table = np.array(lines, dtype=np.int32).reshape(len(lines), 7)
    values = np.array(steps, dtype=np.float64).reshape(len(steps), 2)
    return Columns(
        action=table[:, 0].astype(np.uint8),
        target=table[:, 1],
        surface=table[:, 2],
        windows=table[:, 3],
        segment=table[:, 4],
        context=table[:, 5],
        holdout=table[:, 6],
        factor=values[:, 0],
        lift=values[:, 1],
        even_if=np.array([r.even_if_unavailable for r in rules], dtype=np.bool_),
    )


def _props(conditions: Iterable[Node | None]) -> tuple[str, ...]:
    asked = (props_of(node) for node in conditions if node is not None)
    return tuple(sorted(frozenset().union(*asked)))


def _step(rule: Rule) -> tuple[float, float]:
    """Return by what a rule multiplies scores, and by what it lifts them."""
    if rule.action not in (Action.BOOST, Action.BURY):
        return np.nan, np.nan
    value = np.nan if rule.value is None else rule.value
    if rule.action is Action.BURY:
        value = -value
    if not -1.0 <= value < np.inf:
        raise ValueError(f"{rule.action} with the value {rule.value}")
    is_lift = rule.target.type is TargetType.ITEM and value > 0
    return (np.nan, value) if is_lift else (1.0 + value, np.nan)


def _bounds(windows: Sequence[Window]) -> tuple[int, int]:
    if len(windows) != 1 or windows[0].recurrence is not None:
        return 0, 0
    [window] = windows
    return (
        _instant(window.start, window.zone, otherwise=SINCE_EVER),
        _instant(window.end, window.zone, otherwise=FOR_EVER),
    )


def _instant(local: datetime | None, zone: str, *, otherwise: int) -> int:
    return otherwise if local is None else instant_us(local, zone)
