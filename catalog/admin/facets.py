"""Menus that narrow a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Choice:
    value: str
    title: str
    is_chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class Facet:
    """One way to narrow a list, as a menu in its filter bar."""

    name: str
    title: str
    choices: Sequence[Choice]
    otherwise: str = "any"
    """What the list holds where nothing is chosen."""

    @property
    def chosen(self) -> Choice | None:
        return next((each for each in self.choices if each.is_chosen), None)


def facet(
    name: str,
    title: str,
    choices: Mapping[str, str],
    *,
    asked: Mapping[str, str],
    otherwise: str = "any",
) -> Facet:
    """Return a menu; a value that was asked for and is no choice is added to it."""
    value = asked.get(name, "")
    offered = dict(choices)
    if value and value not in offered:
        offered[value] = value
    return Facet(
        name=name,
        title=title,
        otherwise=otherwise,
        choices=[
            Choice(value=each, title=words, is_chosen=each == value)
            for each, words in offered.items()
        ],
    )
