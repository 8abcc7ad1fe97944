"""Two documents compared in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ranking.core.knobs import KNOBS_BY_NAME, parse

from .knob_form import title_of, told

EVERYWHERE = ""
_NOT_SET = "not set"
_KINDS = {"surfaces": "on", "segment_profiles": "for"}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One knob that two documents set differently."""

    where: str
    what: str
    before: str
    after: str


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> Sequence[Difference]:
    """Return what turns one profile document into another, knob by knob."""
    places = list(dict.fromkeys([*_bundles(before), *_bundles(after)]))
    old, new = _bundles(before), _bundles(after)
    return [
        each
        for place in places
        for each in _between(place, old.get(place, {}), new.get(place, {}))
    ]


def in_words(
    before: Mapping[str, Any], after: Mapping[str, Any], *, most: int = 3
) -> str:
    """Return the differences as one sentence, the first few spelled out."""
    found = differences(before, after)
    if not found:
        return "nothing changed"
    told = [
        f"{' '.join(filter(None, (each.what, each.where)))}: "
        f"{each.before} → {each.after}"
        for each in found[:most]
    ]
    rest = len(found) - len(told)
    return "; ".join(told) + (f"; and {rest} more" if rest else "")


def _between(
    place: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[Difference]:
    old, new = parse(before)[0], parse(after)[0]
    return [
        Difference(
            where=place,
            what=title_of(KNOBS_BY_NAME[name]),
            before=told(old[name]) if name in old else _NOT_SET,
            after=told(new[name]) if name in new else _NOT_SET,
        )
        for name in dict.fromkeys([*old, *new])
        if (name in old, old.get(name)) != (name in new, new.get(name))
    ]


def _bundles(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    flat = {key: value for key, value in document.items() if key not in _KINDS}
    named = {
        f"{word} {name}": bundle
        for kind, word in _KINDS.items()
        for name, bundle in (document.get(kind) or {}).items()
    }
    return {EVERYWHERE: flat, **named}
