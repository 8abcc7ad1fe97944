"""Read the rules of a namespace once per configuration, whatever is asked later."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .conditions import Condition, compile_rule
from .gates import Holdout
from .item_conditions import Node, parse, props_of
from .memo import Memo
from .rule import EVERY_SURFACE, Action, Rule, Target, TargetType, Window
from .windows import FOR_EVER, SINCE_EVER, instant_us, spans

type F64 = NDArray[np.float64]
type I32 = NDArray[np.int32]
type I64 = NDArray[np.int64]

MOST_LOOKUPS = 16
MOST_SURFACES = 256
ACTIONS = tuple(Action)
NUMBER_OF_ACTION: Mapping[Action, int] = {a: i for i, a in enumerate(ACTIONS)}


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


class Numbers[T: Hashable]:
    """Numbers of things in the order in which they come."""

    def __init__(self, *, first: int) -> None:
        self._first = first
        self.known: dict[T, int] = {}

    def of(self, thing: T) -> int:
        """Return the number of a thing, a new one for a new thing."""
        return self.known.setdefault(thing, len(self.known) + self._first)

    def or_zero(self, thing: T | None) -> int:
        """Return the number of a thing, 0 for none."""
        return self.of(thing) if thing else 0


class _Reader:
    """Numbers what rules have in common."""

    def __init__(self) -> None:
        self.targets = Numbers[bytes](first=0)
        self.distinct: list[Target] = []
        self.targets_read: list[Node | None] = []
        self.surfaces = Numbers[str](first=1)
        self.windows = Numbers[tuple[Window, ...]](first=1)
        self.segments = Numbers[str](first=1)
        self.contexts = Numbers[bytes](first=1)
        self.contexts_read: list[Condition] = []
        self.holdouts = Numbers[tuple[str, float]](first=1)

    def line(self, rule: Rule) -> tuple[int, ...]:
        """Return a rule as numbers, in the order of the first of ``Columns``."""
        surface = None if rule.surface == EVERY_SURFACE else rule.surface
        holdout = (rule.id, rule.holdout) if rule.holdout > 0 else None
        segment = (rule.segment or "").strip().casefold()
        return (
            NUMBER_OF_ACTION[rule.action],
            self._target(rule.target),
            self.surfaces.or_zero(surface),
            self._windows(rule.windows),
            self.segments.or_zero(segment),
            0 if rule.context is None else self._context(rule.context),
            self.holdouts.or_zero(holdout),
        )

    def _target(self, target: Target) -> int:
        key = _encode(target)
        if key not in self.targets.known:
            self.targets_read.append(
                None if target.condition is None else parse(target.condition)
            )
            self.distinct.append(target)
        return self.targets.of(key)

    def _windows(self, windows: tuple[Window, ...]) -> int:
        if windows and windows not in self.windows.known:
            spans(windows, since_us=0, until_us=1)
        return self.windows.or_zero(windows)

    def _context(self, context: Mapping[str, object]) -> int:
        key = _encode(context)
        if key not in self.contexts.known:
            self.contexts_read.append(compile_rule(context))
        return self.contexts.of(key)


_encode = msgspec.json.Encoder(order="deterministic").encode


def read_rules(rules: Iterable[Rule]) -> Reading:
    """Read rules, in any order.

    A rule that cannot be read, because it came in past every check, is left
    out and named: the others shall act.
    """
    reader = _Reader()
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
    table = np.array(lines, dtype=np.int32).reshape(len(lines), 7)
    values = np.array(steps, dtype=np.float64).reshape(len(steps), 2)
    windows = tuple(reader.windows.known)
    bounds = np.array([_bounds(w) for w in windows], dtype=np.int64).reshape(-1, 2)
    return Reading(
        rules=tuple(read),
        unreadable=tuple(unreadable),
        columns=Columns(
            action=table[:, 0].astype(np.uint8),
            target=table[:, 1],
            surface=table[:, 2],
            windows=table[:, 3],
            segment=table[:, 4],
            context=table[:, 5],
            holdout=table[:, 6],
            factor=values[:, 0],
            lift=values[:, 1],
            even_if=np.array([r.even_if_unavailable for r in read], dtype=np.bool_),
        ),
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
