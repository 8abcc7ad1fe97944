"""Number what rules have in common: targets, surfaces, windows, what they ask for."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import msgspec

from .conditions import Condition, compile_rule
from .item_conditions import Node, parse
from .rule import EVERY_SURFACE, Action, Rule, Target, Window
from .windows import spans

ACTIONS = tuple(Action)
NUMBER_OF_ACTION: Mapping[Action, int] = {a: i for i, a in enumerate(ACTIONS)}
_encode = msgspec.json.Encoder(order="deterministic").encode


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


class Reader:
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
