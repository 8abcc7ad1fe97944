"""Define knobs as fields of a dataclass, so that code reads them as attributes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from .definition import Kind, Knob, Value


def _knob(knob: Knob) -> Any:
    default = knob.default
    if isinstance(default, Mapping):
        return field(default_factory=lambda: dict(default), metadata={"knob": knob})
    return field(default=default, metadata={"knob": knob})


def named(name: str, metadata: Mapping[str, Any]) -> Knob:
    """Return the knob behind a dataclass field, under the field's name."""
    knob: Knob = metadata["knob"]
    return replace(knob, name=name)


def number(default: float | None, low: float, high: float, **words: Any) -> Any:
    """Define a knob that is a number in ``[low, high]``."""
    return _knob(Knob(kind="number", default=default, low=low, high=high, **words))


def whole(default: int | None, low: int, high: int, **words: Any) -> Any:
    """Define a knob that is a whole number in ``[low, high]``."""
    return _knob(Knob(kind="whole", default=default, low=low, high=high, **words))


def days(default: float, high: float = 3650, **words: Any) -> Any:
    """Define a knob that is a time span in days, above 0."""
    return number(default, 0, high, above_low=True, unit="days", **words)


def flag(*, default: bool, **words: Any) -> Any:
    """Define a knob that is on or off."""
    return _knob(Knob(kind="flag", default=default, **words))


def choice(default: str, *choices: str, **words: Any) -> Any:
    """Define a knob that is one of a few words."""
    return _knob(Knob(kind="choice", default=default, choices=choices, **words))


def listing(kind: Kind, default: Value, **words: Any) -> Any:
    """Define a knob that holds several values."""
    return _knob(Knob(kind=kind, default=default, **words))
