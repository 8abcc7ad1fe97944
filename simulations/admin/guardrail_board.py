"""How the guardrails of several namespaces stand, as their board draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.admin.page import Chip
from catalog.models import Namespace
from simulations.core.judging import Judged, State
from simulations.core.limits import GUARDRAILS, Guardrail
from simulations.queries.guard_board import Standing

from .words import STATE_CHIPS, figure_words

NEVER = Chip(words="Never checked", icon="help")
STALE = Chip(words="Stale", icon="stale", kind="warn")
_TICK_KINDS = {
    State.PASS: "good",
    State.WARN: "warn",
    State.STOP: "bad",
    State.NOT_COMPUTED: "unknown",
}


@dataclass(frozen=True, kw_only=True)
class Cell:
    standing: Standing
    chip: Chip
    value: str
    ticks: Sequence[tuple[str, str]]
    """A kind and words for each day."""

    words: str


@dataclass(frozen=True, kw_only=True)
class Line:
    guardrail: Guardrail
    cells: Sequence[Cell | None]


def standing_chip(judged: Judged | None, *, is_stale: bool) -> Chip:
    """Return how a guardrail stands: old news is never green, a breach stays one."""
    if judged is None:
        return NEVER
    if is_stale and judged.state != State.STOP:
        return STALE
    return STATE_CHIPS[judged.state]


def board_sentence(found: Sequence[Standing]) -> str:
    broken = sum(
        each.judged is not None and each.judged.state == State.STOP for each in found
    )
    stale = sum(each.is_stale for each in found)
    if not found:
        return "guardrails.yml sets no limit for these namespaces."
    told = f"{broken} broken" if broken else "None is broken"
    return f"{told}, {stale} stale or never checked, of {len(found)}."


def worst_first(
    namespaces: Sequence[Namespace], found: Sequence[Standing]
) -> list[Namespace]:
    weights = {
        each.pk: min(
            (one.weight for one in found if one.namespace.pk == each.pk), default=9
        )
        for each in namespaces
    }
    return sorted(namespaces, key=lambda each: (weights[each.pk], each.name))


def board_lines(
    namespaces: Sequence[Namespace], found: Sequence[Standing]
) -> list[Line]:
    known = {(each.name, each.namespace.pk): each for each in found}
    names = {each.name for each in found}
    lines = [
        Line(
            guardrail=guardrail,
            cells=[
                _cell(known[name, each.pk]) if (name, each.pk) in known else None
                for each in namespaces
            ],
        )
        for name, guardrail in GUARDRAILS.items()
        if name in names
    ]
    return sorted(
        lines,
        key=lambda line: min(
            (cell.standing.weight for cell in line.cells if cell), default=9
        ),
    )


def _cell(standing: Standing) -> Cell:
    judged = standing.judged
    chip = standing_chip(judged, is_stale=standing.is_stale)
    ticks = [
        (
            _TICK_KINDS[state] if state else "none",
            f"{day:%d %b}: {STATE_CHIPS[state].words if state else 'not checked'}",
        )
        for day, state in standing.ticks
    ]
    return Cell(
        standing=standing,
        chip=chip,
        value=figure_words(judged, judged.after) if judged else "–",
        ticks=ticks,
        words=", ".join(words for _, words in ticks),
    )
