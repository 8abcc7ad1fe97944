"""What a sweep may change: knobs, each with the values that are tried."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Annotated, Any

import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from ranking.core.knobs import KNOBS_BY_NAME, Knob, KnobError, to_document

type F64 = NDArray[np.float64]
type Values = Mapping[str, Any]
"""Parameter name to value."""

NUMERIC = ("number", "whole")
DIGITS = 4
"""Fractions are rounded to so many digits, so that a value reads as it acts."""

FINE = 0.1
"""Of a range narrower than this, values keep two digits more."""

_ROUNDED = 1e-3
"""Values are rounded: at the ends of a range a little beyond it."""

MOST_PARAMETERS = 20
MOST_COMBINATIONS = 1_000_000


class Parameter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One knob, everywhere or in one bundle, with a range or a list of values."""

    knob: str
    segment: str | None = None
    """Tried in the profile's bundle of this segment only."""

    surface: str | None = None
    """Tried in the profile's bundle of this surface only."""

    low: float | None = None
    high: float | None = None
    step: Annotated[float, Meta(gt=0)] | None = None
    log: bool = False
    """Whether a factor, not a difference, is what counts."""

    choices: Annotated[tuple[Any, ...], Meta(max_length=50)] = ()

    def __post_init__(self) -> None:
        if self.knob not in KNOBS_BY_NAME:
            raise ValueError(
                f"{self.knob} is no knob; docs/reference/knobs.md lists them"
            )
        if self.segment is not None and self.surface is not None:
            raise ValueError(f"{self.knob}: name a segment or a surface, not both")
        if self.choices:
            self._check_choices()
        else:
            self._check_range()

    def _check_choices(self) -> None:
        if self.low is not None or self.high is not None:
            raise ValueError(f"{self.knob}: give a range or choices, not both")
        for each in self.choices:
            self._checked(each)

    def _check_range(self) -> None:
        knob = self.definition
        if knob.kind not in NUMERIC:
            raise ValueError(f"{self.knob} takes {knob.range}: list its choices")
        if self.low is None or self.high is None or self.low >= self.high:
            raise ValueError(f"{self.knob}: low must be below high")
        if self.log and self.low <= 0:
            raise ValueError(f"{self.knob}: a range by factors begins above 0")
        self._checked(self.low)
        self._checked(self.high)

    def _checked(self, value: object) -> None:
        try:
            self.definition.check(value)
        except KnobError as error:
            raise ValueError(str(error)) from error

    @property
    def definition(self) -> Knob:
        """The knob itself."""
        return KNOBS_BY_NAME[self.knob]

    @property
    def name(self) -> str:
        """The knob, with the bundle that it is in.

        >>> Parameter(knob="brand_cap", segment="vip", low=0, high=3).name
        'segment_profiles.vip.brand_cap'
        """
        if self.segment is not None:
            return f"segment_profiles.{self.segment}.{self.knob}"
        if self.surface is not None:
            return f"surfaces.{self.surface}.{self.knob}"
        return self.knob

    @property
    def width(self) -> int:
        """How many columns stand for it: one, or one for each choice."""
        return len(self.choices) or 1

    @property
    def largest(self) -> Any:
        """The largest value that is tried, of a number."""
        return max(self.choices) if self.choices else self.value_at(1.0)

    def value_at(self, share: float) -> Any:
        """Return the value at a share of the range, in [0, 1].

        >>> Parameter(knob="brand_cap", low=0, high=4).value_at(0.5)
        2
        """
        share = min(max(share, 0.0), 1.0)
        if self.choices:
            return self.choices[
                min(int(share * len(self.choices)), len(self.choices) - 1)
            ]
        assert self.low is not None
        assert self.high is not None
        if self.log:
            value = self.low * (self.high / self.low) ** share
        else:
            value = self.low + (self.high - self.low) * share
        if self.step is not None:
            value = self.low + round((value - self.low) / self.step) * self.step
            value = min(value, self.high)
        if self._is_whole:
            return round(value)
        return round(value, DIGITS + 2 * (self.high - self.low < FINE))

    @property
    def _is_whole(self) -> bool:
        return self.definition.kind == "whole"

    def share_of(self, value: Any) -> float | None:
        """Return where in the range a value lies; None for what it cannot hold."""
        if self.choices:
            found = [n for n, each in enumerate(self.choices) if each == value]
            return (found[0] + 0.5) / len(self.choices) if found else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        assert self.low is not None
        assert self.high is not None
        if self.log:
            if value <= 0:
                return None
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def holds(self, value: Any) -> bool:
        """Say whether a value is one that may be tried.

        >>> Parameter(knob="brand_cap", low=0, high=4).holds(5)
        False
        """
        share = self.share_of(value)
        return share is not None and -_ROUNDED <= share <= 1 + _ROUNDED

    def levels(self, most: int) -> list[Any]:
        """Return the values of a grid: every choice, every step, or evenly spread."""
        if self.choices:
            return list(self.choices)
        assert self.low is not None
        assert self.high is not None
        count = most
        if self.step is not None:
            count = int((self.high - self.low) / self.step + 1e-9) + 1
        if self._is_whole:
            count = min(count, int(self.high - self.low) + 1)
        shares = np.linspace(0.0, 1.0, max(count, 2)).tolist()
        return list(dict.fromkeys(self.value_at(share) for share in shares))


class Space(Struct, frozen=True):
    """All that a sweep changes."""

    parameters: tuple[Parameter, ...]

    @property
    def width(self) -> int:
        """How many columns :meth:`encode` has."""
        return sum(each.width for each in self.parameters)

    def at(self, shares: Sequence[float] | F64) -> dict[str, Any]:
        """Return the values at one share for each parameter."""
        return {
            each.name: each.value_at(float(share))
            for each, share in zip(self.parameters, shares, strict=True)
        }

    def encode(self, values: Values) -> F64 | None:
        """Return values as numbers in which near means alike; None if they cannot be.

        A range takes one column, its share; choices take one column each, 0 or 1.
        """
        columns: list[float] = []
        for each in self.parameters:
            share = each.share_of(values.get(each.name))
            if share is None:
                return None
            if each.choices:
                columns += _one_of(each.width, int(share * each.width))
            else:
                columns.append(share)
        return np.array(columns)

    def grid(self, levels: int) -> list[dict[str, Any]]:
        """Return every combination of the parameters' levels.

        Raises
        ------
        ValueError
            If there are more than a million.
        """
        lists = [each.levels(levels) for each in self.parameters]
        count = math.prod(map(len, lists))
        if count > MOST_COMBINATIONS:
            raise ValueError(
                f"The grid has {count:,} combinations; take wider steps or fewer knobs."
            )
        names = [each.name for each in self.parameters]
        return [dict(zip(names, each, strict=True)) for each in product(*lists)]

    def columns(self) -> Iterator[tuple[Parameter, slice]]:
        """Return where in :meth:`encode` each parameter stands."""
        start = 0
        for each in self.parameters:
            yield each, slice(start, start + each.width)
            start += each.width


def _one_of(width: int, place: int) -> list[float]:
    return [float(n == place) for n in range(width)]


def placed(config: Mapping[str, Any], space: Space, values: Values) -> dict[str, Any]:
    """Return a profile's document with a trial's values in their places.

    >>> cap = Parameter(knob="brand_cap", segment="vip", low=0, high=3)
    >>> placed({"blend_alpha": 1.0}, Space((cap,)), {cap.name: 2})
    {'blend_alpha': 1.0, 'segment_profiles': {'vip': {'brand_cap': 2}}}
    """
    document = dict(config)
    for each in space.parameters:
        if each.name not in values:
            continue
        written = to_document({each.knob: each.definition.check(values[each.name])})
        if each.segment is not None:
            written = {"segment_profiles": {each.segment: written}}
        elif each.surface is not None:
            written = {"surfaces": {each.surface: written}}
        document = _merged(document, written)
    return document


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        known = merged.get(key)
        if isinstance(value, Mapping) and isinstance(known, Mapping):
            merged[key] = _merged(known, value)
        else:
            merged[key] = value
    return merged
