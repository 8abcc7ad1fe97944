"""Files of environment variables, changed line by line: comments and order stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from msgspec import Struct

from .knobs import BLEND_OVERRIDES, KNOBS

_ALIKE = 0.85


class Change(Struct, frozen=True):
    """One variable that a file says otherwise afterwards."""

    name: str
    before: str | None
    """None where the file did not have it."""

    after: str


def read_env(text: str) -> dict[str, str]:
    r"""Return the variables that a file sets; a later line wins.

    >>> read_env("# taste\nBLEND_ALPHA=0.3\n")
    {'BLEND_ALPHA': '0.3'}
    """
    found = {}
    for line in text.splitlines():
        name = _name(line)
        if name is not None:
            found[name] = line.partition("=")[2].strip()
    return found


def changes_of(text: str, settings: Mapping[str, str]) -> list[Change]:
    """Return what a file would say otherwise.

    >>> changes_of("BLEND_ALPHA=0.3", {"BLEND_ALPHA": "0.2"})
    [Change(name='BLEND_ALPHA', before='0.3', after='0.2')]
    """
    known = read_env(text)
    return [
        Change(name, known.get(name), value)
        for name, value in settings.items()
        if known.get(name) != value
    ]


def write_env(text: str, settings: Mapping[str, str]) -> str:
    r"""Return a file's text with variables set; new ones come last.

    >>> write_env("# taste\nA=1\n", {"A": "2", "B": "3"})
    '# taste\nA=2\nB=3\n'
    """
    lines = []
    left = dict(settings)
    for line in text.splitlines():
        name = _name(line)
        if name is not None and name in settings:
            left.pop(name, None)
            lines.append(f"{name}={settings[name]}")
        else:
            lines.append(line)
    lines += [f"{name}={value}" for name, value in left.items()]
    return "\n".join(lines) + "\n"


def mistyped(names: Iterable[str]) -> dict[str, str]:
    """Return the names that look like a knob's variable without being one.

    A file may hold any others, which are no knob's and look like none.

    >>> mistyped(["BLEND_ALHPA", "BLEND_BETA", "DATABASE_URL"])
    {'BLEND_ALHPA': 'BLEND_ALPHA'}
    """
    known = [
        *(knob.env for knob in KNOBS if knob.env),
        *(each.name for each in BLEND_OVERRIDES),
    ]
    near = {
        name: get_close_matches(name, known, n=1, cutoff=_ALIKE)
        for name in names
        if name not in known
    }
    return {name: found[0] for name, found in near.items() if found}


def _name(line: str) -> str | None:
    name, equals, _ = line.partition("=")
    name = name.strip()
    return name if equals and name and not name.startswith("#") else None
