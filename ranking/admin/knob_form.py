"""A form for one bundle of knobs, made from their definitions."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ranking.core.knobs import (
    DEFAULTS,
    KNOBS,
    Knob,
    KnobError,
    Value,
    parse,
    to_document,
)

from .sliders import Slider, slider_of

_OFF = "off"
_AS_JSON = ("weights", "presets")
_AS_LIST = ("words", "wholes")
_YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True, kw_only=True)
class KnobField:
    """One knob as the form shows it."""

    knob: Knob
    title: str
    text: str
    """What the field holds; empty for a knob that is not set."""

    default: str
    error: str = ""

    @property
    def widget(self) -> str:
        if self.knob.kind == "flag" or self.knob.choices:
            return "menu"
        if self.knob.kind in _AS_JSON:
            return "json"
        is_number = self.knob.kind in ("whole", "number") and not self.knob.may_be_off
        return "number" if is_number else "text"

    @property
    def slider(self) -> Slider | None:
        return slider_of(self.knob, self._number)

    @property
    def slides_at(self) -> str:
        """Return where the slider stands: at the default where no number is set."""
        known = [t for t in (self.text, self.default) if _number_in(t) is not None]
        return known[0] if known else ""

    @property
    def is_changed(self) -> bool:
        """Whether it says something else than the default."""
        if self._number is not None and _number_in(self.default) is not None:
            return self._number != _number_in(self.default)
        return self.text not in ("", self.default)

    @property
    def _number(self) -> float | None:
        return _number_in(self.text)

    @property
    def options(self) -> Sequence[str]:
        return tuple(_YES_NO) if self.knob.kind == "flag" else self.knob.choices

    @property
    def step(self) -> str:
        return "1" if self.knob.kind == "whole" else "any"


@dataclass(frozen=True, kw_only=True)
class KnobGroup:
    title: str
    anchor: str
    fields: Sequence[KnobField]

    @property
    def set_count(self) -> int:
        return sum(bool(field.text) for field in self.fields)

    @property
    def is_open(self) -> bool:
        """Whether there is something to see without being asked for it."""
        return any(field.text or field.error for field in self.fields)


@dataclass(frozen=True, kw_only=True)
class Read:
    """What came in: a bundle, or what is wrong with it by knob."""

    bundle: Mapping[str, Any]
    errors: Mapping[str, str]


def title_of(knob: Knob) -> str:
    return (
        knob.name.replace("_", " ")
        .capitalize()
        .replace("mmr", "MMR")
        .replace("Mmr", "MMR")
    )


def groups_of(bundle: Mapping[str, Any]) -> list[KnobGroup]:
    """Return the form of a stored bundle."""
    values, _ = parse(bundle)
    return _grouped({name: to_text(value) for name, value in values.items()}, errors={})


def groups_sent(
    sent: Mapping[str, str], *, errors: Mapping[str, str]
) -> list[KnobGroup]:
    """Return the form as it was sent, with what is wrong beside each knob."""
    return _grouped(
        {knob.name: sent.get(knob.name, "") for knob in KNOBS}, errors=errors
    )


def read(sent: Mapping[str, str]) -> Read:
    """Read a sent form. An empty field sets nothing."""
    values: dict[str, Value] = {}
    errors: dict[str, str] = {}
    for knob in KNOBS:
        text = sent.get(knob.name, "").strip()
        if not text:
            continue
        try:
            values[knob.name] = knob.check(_from_text(knob, text))
        except (KnobError, ValueError):
            errors[knob.name] = f"Must be {knob.range}."
    return Read(bundle={} if errors else to_document(values), errors=errors)


def to_text(value: Value) -> str:
    """Return a value as people type it."""
    if value is None:
        return _OFF
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    if isinstance(value, tuple | list):
        return ", ".join(str(entry) for entry in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def told(value: Value) -> str:
    """Return a value as people read it: "new_users: books 0.2, home 0.2"."""
    if not isinstance(value, Mapping):
        return to_text(value)
    parts = [
        f"{name}: {told(inner)}" if isinstance(inner, Mapping) else f"{name} {inner:g}"
        for name, inner in sorted(value.items())
    ]
    is_nested = any(isinstance(inner, Mapping) for inner in value.values())
    return ("; " if is_nested else ", ").join(parts) or "empty"


def _from_text(knob: Knob, text: str) -> object:
    if text == _OFF and knob.may_be_off:
        return _OFF
    if knob.kind == "flag":
        return _YES_NO.get(text, text)
    if knob.kind in _AS_JSON:
        return json.loads(text)
    if knob.kind in _AS_LIST:
        parts = [part.strip() for part in text.split(",") if part.strip()]
        return [int(part) for part in parts] if knob.kind == "wholes" else parts
    return float(text) if knob.kind in ("whole", "number") else text


def _grouped(texts: Mapping[str, str], *, errors: Mapping[str, str]) -> list[KnobGroup]:
    fields = [
        KnobField(
            knob=knob,
            title=title_of(knob),
            text=texts.get(knob.name, ""),
            default=_default(knob),
            error=errors.get(knob.name, ""),
        )
        for knob in sorted(KNOBS, key=_place_of_group)
    ]
    return [
        KnobGroup(
            title=title, anchor=title.lower().replace(" ", "-"), fields=list(group)
        )
        for title, group in groupby(fields, key=lambda field: field.knob.group)
    ]


def _number_in(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


_GROUPS = list(dict.fromkeys(knob.group for knob in KNOBS))


def _place_of_group(knob: Knob) -> int:
    return _GROUPS.index(knob.group)


def _default(knob: Knob) -> str:
    value = getattr(DEFAULTS, knob.name)
    if value is None:
        return _OFF if knob.may_be_off else "none"
    return to_text(value) or "empty"
