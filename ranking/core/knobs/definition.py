"""What a knob is, and the check that every value passes wherever it enters."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

type Stage = Literal["signal", "gather", "arrange"]
"""When a knob acts: in a build, while candidates are drawn, or on a drawn pool."""

type Kind = Literal[
    "flag",
    "whole",
    "number",
    "choice",
    "text",
    "words",
    "wholes",
    "weights",
    "presets",
    "blends",
]
type Value = (
    bool
    | int
    | float
    | str
    | tuple[str, ...]
    | tuple[int, ...]
    | Mapping[str, float]
    | Mapping[str, Mapping[str, float]]
    | None
)

OFF = "off"
"""Switches off a step that a number would steer. Null never does: it sets nothing."""

MAX_ENTRIES = 200
"""Longest list or map that a knob takes."""


class KnobError(ValueError):
    """A value that a knob does not take."""

    def __init__(self, knob: Knob, value: object) -> None:
        super().__init__(f"{knob.name} must be {knob.range}, not {value!r}")
        self.knob = knob.name
        self.value = value
        self.low = knob.low
        self.high = knob.high
        self.range = knob.range

    def as_details(self) -> dict[str, Any]:
        """Return the error as fields of an answer."""
        finite = not isinstance(self.value, float) or math.isfinite(self.value)
        return {
            "field": self.knob,
            "range": self.range,
            "value": self.value if finite else str(self.value),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """One named value that steers the ranking."""

    kind: Kind
    default: Value
    help: str
    """One sentence in plain words."""

    group: str
    stage: Stage
    low: float | None = None
    high: float | None = None
    """Inclusive bounds of a number, or of each number in a list or map."""

    above_low: bool = False
    """Whether ``low`` itself is excluded."""

    choices: tuple[str, ...] = ()
    unit: str = ""
    may_be_off: bool = False
    """Whether the word "off" is a value; it reads as None."""

    name: str = ""
    env: str | None = None
    admin: tuple[str, ...] = ()
    overrides: tuple[str, ...] | None = None
    """Names in a request's ``overrides``; None = the knob's own, () = refused."""

    @property
    def admin_names(self) -> tuple[str, ...]:
        """Names in the configuration document; the first is the one we write.

        A dot leads into a nested object.
        """
        return tuple(dict.fromkeys((*self.admin, self.name)))

    @property
    def override_names(self) -> tuple[str, ...]:
        """Names under which a request may override the knob."""
        return (self.name,) if self.overrides is None else self.overrides

    @property
    def range(self) -> str:
        """The values that the knob takes, in words.

        >>> where = {"help": "", "group": "", "stage": "arrange"}
        >>> Knob(kind="number", default=0.5, low=0, high=1, **where).range
        'a number from 0 to 1'
        """
        words = {
            "flag": "true or false",
            "whole": "a whole number" + self._bounds(),
            "number": "a number" + self._bounds(),
            "choice": "one of " + ", ".join(self.choices),
            "text": "a text",
            "words": f"a list of at most {MAX_ENTRIES} texts",
            "wholes": "a list of whole numbers" + self._bounds(),
            "weights": "a map from names to numbers" + self._bounds(),
            "presets": "a map from names to maps of numbers" + self._bounds(),
            "blends": "name=alpha|beta|gamma,… with numbers" + self._bounds(),
        }[self.kind]
        return words + (f", or {OFF}" if self.may_be_off else "")

    def _bounds(self) -> str:
        if self.low is None:
            return ""
        if self.above_low:
            least = f" above {self.low:g}"
            return least if self.high is None else f"{least}, at most {self.high:g}"
        if self.high is None:
            return f" of at least {self.low:g}"
        return f" from {self.low:g} to {self.high:g}"

    def check(self, value: object) -> Value:
        """Return a value in the knob's own form.

        A whole number stands for a fraction; true and false are no numbers.

        Raises
        ------
        KnobError
            If the knob does not take the value.

        Examples
        --------
        >>> where = {"help": "", "group": "", "stage": "arrange"}
        >>> share = Knob(kind="number", default=0.5, low=0, high=1, name="x", **where)
        >>> share.check(1)
        1.0
        """
        if value == OFF and self.may_be_off:
            return None
        try:
            return _CONVERTERS[self.kind](self, value)
        except (TypeError, ValueError, OverflowError) as error:
            raise KnobError(self, value) from error

    def number(self, value: object) -> float:
        """Return one number inside the knob's bounds."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(value)
        number = float(value)
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        inside = low <= number <= high and not (self.above_low and number == low)
        if not (inside and math.isfinite(number)):
            raise ValueError(value)
        return number

    def whole(self, value: object) -> int:
        """Return one whole number inside the knob's bounds."""
        number = self.number(value)
        if number != int(number):
            raise ValueError(value)
        return int(number)

    def text(self, value: object) -> str:
        """Return one text, a choice where the knob has choices."""
        text = _instance(value, str)
        if self.choices and text not in self.choices:
            raise ValueError(value)
        return text

    def weights(self, value: object) -> dict[str, float]:
        """Return a map from names to numbers inside the knob's bounds."""
        return {name: self.number(entry) for name, entry in _named(value).items()}

    def presets(self, value: object) -> dict[str, dict[str, float]]:
        """Return a map from names to maps of numbers inside the knob's bounds."""
        return {name: self.weights(entry) for name, entry in _named(value).items()}


def _instance[T](value: object, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise TypeError(value)
    return value


def _entries(value: object) -> list[object] | tuple[object, ...]:
    if not isinstance(value, list | tuple) or len(value) > MAX_ENTRIES:
        raise TypeError(value)
    return value


def _named(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping) or len(value) > MAX_ENTRIES:
        raise TypeError(value)
    return {_instance(name, str): entry for name, entry in value.items()}


_CONVERTERS: Mapping[Kind, Callable[[Knob, object], Value]] = {
    "flag": lambda _, value: _instance(value, bool),
    "whole": Knob.whole,
    "number": Knob.number,
    "choice": Knob.text,
    "text": Knob.text,
    "words": lambda _, value: tuple(_instance(word, str) for word in _entries(value)),
    "wholes": lambda knob, value: tuple(map(knob.whole, _entries(value))),
    "weights": Knob.weights,
    "presets": Knob.presets,
    "blends": Knob.presets,
}
