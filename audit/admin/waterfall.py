"""How one item came by its score: from signals to the final number, step by step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from audit.core.columns import rows
from audit.core.record import Trace
from catalog.core.drawing import Bar

from . import words
from .rules_told import RuleTold, rules_of_items, rules_told
from .trace_view import answer_numbers, candidates

_PART = "part."
_SOURCE = "source."
_RULES = "Rules"
# A trace keeps parts as halves (audit/core/packing.py): what differs by less is equal.
_ROUGH = 2e-3
# Parts that are added up to the blended score; the others describe later steps.
_LATER = ("personalisation", "overlap", "multiplier")


@dataclass(frozen=True, kw_only=True)
class Step:
    """What one thing did to the score, and where it stood then."""

    name: str
    change: float
    score: float
    words: str
    bar: Bar


@dataclass(frozen=True, kw_only=True)
class Why:
    """The drawer of one item: its steps, and what became of it."""

    number: int
    slot: int | None
    rank: int | None
    sentence: str
    steps: Sequence[Step]
    total: float
    total_bar: Bar
    sources: Sequence[tuple[str, float]]
    rules: Sequence[RuleTold] = ()
    """Those that pinned it or bent its score."""


def explain(trace: Trace, number: int) -> Why | None:
    """Return a candidate's waterfall; None for what the trace does not hold."""
    row = next((row for row in candidates(trace) if row["number"] == number), None)
    numbers = answer_numbers(trace)
    slot = numbers.index(number) + 1 if number in numbers else None
    if row is None and slot is None:
        return None
    parts = list(rows(trace.items.columns))[slot - 1] if slot else {}
    table = {**(row or {}), **parts}
    total = float(table.get("final", table.get("score", 0.0)))
    told = rules_told(trace)
    rules = rules_of_items(trace, told)[slot - 1] if slot else ()
    marks = _marks(table, total=total, rules=rules)
    most = max((score for _, score, _ in marks), default=0.0) or 1.0
    rank = row["rank"] if row else None
    return Why(
        number=number,
        slot=slot,
        rank=rank,
        sentence=_pinned(slot, rank=rank, rules=rules)
        or _sentence(slot=slot, rank=rank, length=len(numbers)),
        rules=rules,
        steps=_steps(marks, most=most),
        total=total,
        total_bar=Bar(start=0, width=max(total, 0) / most, kind="total"),
        sources=[
            (words.source(name.removeprefix(_SOURCE)), value)
            for name, value in table.items()
            if name.startswith(_SOURCE) and not math.isnan(value)  # NaN: not from there
        ],
    )


def _pinned(slot: int | None, *, rank: int | None, rules: Sequence[RuleTold]) -> str:
    pins = [rule for rule in rules if rule.action == "PIN"]
    if not pins:
        return ""
    by_score = f"by its score it ranks {rank}" if rank else "it has no rank by score"
    return f"{pins[0].chip} pins it to position {slot}; {by_score}."


def _sentence(*, slot: int | None, rank: int | None, length: int) -> str:
    if slot is None:
        return f"It ranked {rank} by score; the list ends at {length}."
    if rank is None or rank == slot:
        return f"It is at position {slot}, where its score puts it."
    word = "up" if rank > slot else "down"
    moved = f"variety and caps move it {word} to position {slot}"
    return f"Its score ranks it {rank}; {moved}."


def _marks(
    table: Mapping[str, Any], *, total: float, rules: Sequence[RuleTold] = ()
) -> list[tuple[str, float, str]]:
    """Return (what, score after it, words) for each step that changed the score."""
    marks: list[tuple[str, float, str]] = []
    reached = 0.0
    for name, value in table.items():
        part = name.removeprefix(_PART)
        if name == part or part in _LATER or not value or math.isnan(value):
            continue
        reached += value
        marks.append((words.source(part), reached, words.part(part)))
    blended = float(table.get("blended", reached))
    if not marks and blended:
        marks.append(("Signals", blended, "All signals, weighted and added up."))
    personal = float(table.get("personalised", blended))
    if personal != blended:
        marks.append(("Personal taste", personal, _taste(table)))
    if abs(total - personal) > _ROUGH * max(total, personal):
        marks.append((_RULES, total, _bent(rules)))
    return marks


def _bent(rules: Sequence[RuleTold]) -> str:
    names = [rule.chip for rule in rules if rule.action in ("BOOST", "BURY")]
    if not names:
        return "What rules and overrides did to the score."
    return f"What rules did to the score: {', '.join(names)}."


def _taste(table: Mapping[str, Any]) -> str:
    overlap = table.get("part.overlap")
    if overlap is None or math.isnan(overlap):
        return "How much it fits the brands, categories and tags this user chose."
    return f"Its brand, category and tags make up {overlap:.2f} of this user's taste."


def _steps(marks: Sequence[tuple[str, float, str]], *, most: float) -> list[Step]:
    places = [0.0, *(score for _, score, _ in marks)]
    return [
        Step(
            name=name,
            change=after - before,
            score=after,
            words=told,
            bar=Bar(
                start=max(min(before, after), 0) / most,
                width=abs(after - before) / most,
                kind=_kind(name, is_up=after >= before),
            ),
        )
        for (name, _, told), (before, after) in zip(
            marks, pairwise(places), strict=True
        )
    ]


def _kind(name: str, *, is_up: bool) -> str:
    if not is_up:
        return "minus"
    return "fill" if name == _RULES else "quiet"
