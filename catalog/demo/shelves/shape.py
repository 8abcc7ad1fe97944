from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of product: what it is called, how it is drawn, what it may cost."""

    noun: str
    picture: str
    cheapest: float
    dearest: float


@dataclass(frozen=True, slots=True)
class Shelf:
    """The second level of the category path. Titles are "material noun, finish"."""

    name: str
    kinds: tuple[Kind, ...]
    materials: tuple[str, ...]
    finishes: tuple[str, ...]
    # Day of the year (1..365) on which it sells best; None when it sells all year.
    peak_day: int | None

    @property
    def titles(self) -> int:
        """How many titles there are before one must be used twice."""
        return len(self.kinds) * len(self.materials) * len(self.finishes)


@dataclass(frozen=True, slots=True)
class Category:
    """The first level, with the brands and tags of its items."""

    name: str
    tags: tuple[str, str, str]
    brands: tuple[str, str, str, str]
    shelves: tuple[Shelf, ...]
    # Share of visits that buy the same thing again, in [0, 1].
    rebuys: float
    praise: tuple[str, ...]


def shelf(
    name: str, kinds: str, materials: str, finishes: str, *, peak_day: int | None = None
) -> Shelf:
    """Read a shelf from words: kinds are "noun/picture/cheapest/dearest"."""
    return Shelf(
        name=name,
        kinds=tuple(_kind(text) for text in _words(kinds)),
        materials=_words(materials),
        finishes=_words(finishes),
        peak_day=peak_day,
    )


def _kind(text: str) -> Kind:
    noun, picture, cheapest, dearest = text.split("/")
    return Kind(noun, picture, float(cheapest), float(dearest))


def _words(text: str) -> tuple[str, ...]:
    return tuple(" ".join(word.split()) for word in text.split(","))
