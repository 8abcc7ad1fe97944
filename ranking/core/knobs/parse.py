"""Read knobs from a document, from a request's overrides, from the environment."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import msgspec

from .definition import Kind, Knob, KnobError, Value
from .table import KNOBS

_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0}

type Names = Literal["admin", "overrides"]

KNOBS_BY_NAME: Mapping[str, Knob] = {knob.name: knob for knob in KNOBS}

_BY_NAMES: Mapping[Names, Mapping[str, Knob]] = {
    "admin": {name: knob for knob in KNOBS for name in knob.admin_names},
    "overrides": {name: knob for knob in KNOBS for name in knob.override_names},
}
_NESTED = {name.split(".")[0] for name in _BY_NAMES["admin"] if "." in name}
_YES_NO = {
    "true": True,
    "1": True,
    "on": True,
    "false": False,
    "0": False,
    "off": False,
}


def parse(
    document: Mapping[str, Any], *, names: Names = "admin"
) -> tuple[dict[str, Value], tuple[str, ...]]:
    """Read the knobs that a document sets.

    Parameters
    ----------
    document : mapping
        Knobs under their admin or override names. Null sets nothing.
    names : {"admin", "overrides"}
        Which of a knob's names count.

    Returns
    -------
    values : dict
        Knob name to checked value.
    unknown : tuple of str
        Keys that name no knob, in the document's order.

    Raises
    ------
    KnobError
        For the first value outside its knob's range.

    Examples
    --------
    >>> parse({"half_life_days": 7, "colour": "red"})
    ({'popularity_halflife_days': 7.0}, ('colour',))
    """
    known = _BY_NAMES[names]
    values: dict[str, Value] = {}
    unknown = []
    for key, value in _flat(document):
        knob = known.get(key)
        if knob is None:
            unknown.append(key)
        elif value is not None:
            values[knob.name] = knob.check(value)
    return values, tuple(unknown)


def _flat(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        if key in _NESTED and isinstance(value, Mapping):
            yield from ((f"{key}.{inner}", entry) for inner, entry in value.items())
        else:
            yield key, value


def parse_environment(environment: Mapping[str, str]) -> dict[str, Value]:
    """Read the knobs that environment variables set. An empty one sets nothing.

    Raises
    ------
    KnobError
        For the first value outside its knob's range.

    Examples
    --------
    >>> parse_environment({"BLEND_ALPHA": "0.2", "EXCLUDE_EVENT_TYPES": "2,3"})
    {'blend_alpha': 0.2, 'exclude_event_types': (2, 3)}
    """
    return {
        knob.name: _read(knob, environment[knob.env])
        for knob in KNOBS
        if knob.env and environment.get(knob.env)
    }


def _read(knob: Knob, text: str) -> Value:
    try:
        return knob.check(_from_text(knob, text.strip()))
    except (ValueError, msgspec.DecodeError) as error:
        raise KnobError(knob, text) from error


def _from_text(knob: Knob, text: str) -> object:
    if text.startswith(("{", "[")):
        return msgspec.json.decode(text)
    if knob.unit == "seconds":
        return _seconds(text)
    return _PARSERS.get(knob.kind, str)(text)


def _seconds(text: str) -> float:
    """Read seconds, or a duration in the way of the reference: 10m, 1h30m.

    >>> _seconds("600"), _seconds("1h30m")
    (600.0, 5400.0)
    """
    parts = re.findall(r"([\d.]+)(h|m|s)", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return float(text)
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def _split(text: str) -> list[str]:
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def _pairs(text: str) -> dict[str, float]:
    pairs = (entry.partition("=") for entry in _split(text))
    return {name.strip(): float(value) for name, _, value in pairs}


_PARSERS: Mapping[Kind, Callable[[str], object]] = {
    "flag": lambda text: _YES_NO.get(text.lower()),
    "whole": float,
    "number": float,
    "words": _split,
    "wholes": lambda text: [float(entry) for entry in _split(text)],
    "weights": _pairs,
}
