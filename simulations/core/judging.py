"""Hold the figures of a replay to the guardrails."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from .figures import Figures
from .limits import GUARDRAILS, Guardrail, Limit

FEW_REQUESTS = 30
"""Of fewer requests nothing is called kept: what breaks a limit still does."""

ENOUGH_POSITIONS_PER_ITEM = 5
"""Coverage seen in fewer positions than this many times the catalog's items is only a
lower bound: below the limit it says nothing."""

TOLERANCE = 0.05
"""A limit that is broken without the change too is not broken by it, unless the figure
gets worse by more than this part of the limit."""


class State(StrEnum):
    """How a figure stands to its limits."""

    PASS = "pass"  # noqa: S105 (not a password)
    WARN = "warn"
    STOP = "stop"
    NOT_COMPUTED = "not_computed"
    """Never to be shown as a pass."""


class Judged(Struct, frozen=True, kw_only=True):
    """One guardrail held to the figures."""

    name: str
    title: str
    state: State
    sentence: str
    warn: float | None
    stop: float | None
    before: float | None
    """The figure without the change; None as well where there is no change."""

    after: float | None
    source: str
    """Where the limit is set."""


def judge(
    limits: Mapping[str, Limit], *, after: Figures | None, before: Figures | None = None
) -> list[Judged]:
    """Hold figures to limits.

    Parameters
    ----------
    limits : mapping of str to Limit
    after : Figures or None
        With the change, or as things are; None when nothing could be replayed.
    before : Figures, optional
        Without the change. What was broken already is a warning, not a stop, unless
        the change makes it worse by more than :data:`TOLERANCE` of the limit.

    Returns
    -------
    judged : list of Judged
        In the order of tables.
    """
    return [
        _judged(guardrail, limits[name], after=after, before=before)
        for name, guardrail in GUARDRAILS.items()
        if name in limits
    ]


def _judged(
    guardrail: Guardrail, limit: Limit, *, after: Figures | None, before: Figures | None
) -> Judged:
    state, sentence = _state(guardrail, limit, after=after, before=before)
    return Judged(
        name=guardrail.name,
        title=guardrail.title,
        state=state,
        sentence=sentence,
        warn=limit.warn,
        stop=limit.stop,
        before=_value(guardrail, before),
        after=_value(guardrail, after),
        source=limit.source,
    )


def _state(
    guardrail: Guardrail, limit: Limit, *, after: Figures | None, before: Figures | None
) -> tuple[State, str]:
    if guardrail.figure is None:
        return State.NOT_COMPUTED, f"A replay cannot tell: it takes {guardrail.needs}."
    value = _value(guardrail, after)
    if after is None or value is None:
        return State.NOT_COMPUTED, "Nothing was replayed that would tell."
    beyond = _beyond(guardrail, limit, value)
    if beyond is None:
        return _kept(after, told=guardrail.in_words(value))
    if guardrail.figure == "catalog_coverage" and _is_thin(after):
        return State.NOT_COMPUTED, (
            f"At least {guardrail.in_words(value)}: {after.positions:,} positions are"
            f" too few to tell for {after.sellable:,} items."
        )
    return _broken(guardrail, *beyond, value=value, earlier=_value(guardrail, before))


def _kept(figures: Figures, *, told: str) -> tuple[State, str]:
    if figures.requests >= FEW_REQUESTS:
        return State.PASS, f"{told}, within the limit."
    count = f"{figures.requests} request{'s' if figures.requests != 1 else ''}"
    return (
        State.NOT_COMPUTED,
        f"{told} in {count}: fewer than {FEW_REQUESTS} prove nothing.",
    )


def _broken(
    guardrail: Guardrail,
    state: State,
    limit: float,
    *,
    value: float,
    earlier: float | None,
) -> tuple[State, str]:
    """Say by how much a limit is broken, and whether the change breaks it."""
    side = "at least" if guardrail.is_floor else "at most"
    sentence = (
        f"{guardrail.in_words(value)}, where {side} {guardrail.in_words(limit)} is"
        " allowed."
    )
    if earlier is None:
        return state, sentence
    sentence += f" Without the change {guardrail.in_words(earlier)}."
    worse = earlier - value if guardrail.is_floor else value - earlier
    if guardrail.is_broken(earlier, limit) and worse <= TOLERANCE * abs(limit):
        return State.WARN, f"{sentence} It is not the change that breaks it."
    return state, sentence


def _beyond(
    guardrail: Guardrail, limit: Limit, value: float
) -> tuple[State, float] | None:
    if limit.stop is not None and guardrail.is_broken(value, limit.stop):
        return State.STOP, limit.stop
    if limit.warn is not None and guardrail.is_broken(value, limit.warn):
        return State.WARN, limit.warn
    return None


def _value(guardrail: Guardrail, figures: Figures | None) -> float | None:
    if figures is None or guardrail.figure is None:
        return None
    value: float | None = getattr(figures, guardrail.figure)
    return value


def _is_thin(figures: Figures) -> bool:
    return figures.positions < ENOUGH_POSITIONS_PER_ITEM * figures.sellable
