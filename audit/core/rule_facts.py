"""What each rule did in one answer, read from its trace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .record import Trace

_LIFTING = ("BOOST", "PIN")


class RuleFact(Struct, frozen=True, kw_only=True):
    """What one rule or override did in one answer."""

    rule_id: UUID
    held: bool
    """The user is held out of it: it met items and did nothing."""
    matched: int
    exposed: int
    items: frozenset[int]
    """Numbers of the items on the page whose reasons name the rule."""
    moved: int
    """Those of them that stand elsewhere than their score without rules would."""
    without_effect: bool


def facts_of(trace: Trace) -> list[RuleFact]:
    """Return what each rule of a trace did; rules whose id is none are left out.

    An item moved when its rank by the score before rules is not its rank after them,
    or of a pinned item, not its slot. Diversity and caps move items too, which is no
    rule's doing and is not counted.
    """
    rules = [rule for rule in trace.rules if _id(rule) is not None]
    if not rules:
        return []
    places = dict(_moves(trace))
    return [_fact(rule, trace=trace, places=places) for rule in rules]


def _fact(
    rule: Mapping[str, Any], *, trace: Trace, places: Mapping[int, tuple[int, int, int]]
) -> RuleFact:
    rule_id = _id(rule)
    assert rule_id is not None
    named = f"[{rule['id']}]"
    numbers = trace.items.columns["number"].tolist()
    touched = [
        number
        for number, reasons in zip(numbers, trace.items.reasons, strict=True)
        if any(reason.endswith(named) for reason in reasons)
    ]
    is_pin = rule["action"] == "PIN"
    moved = 0
    for number in touched:
        before, after, slot = places[number]
        moved += before != (slot if is_pin else after)
    held, matched, shown = bool(rule.get("held")), rule["matched"], rule["shown"]
    lifts = rule["action"] in _LIFTING
    return RuleFact(
        rule_id=rule_id,
        held=held,
        matched=matched,
        exposed=shown,
        items=frozenset(touched),
        moved=moved,
        without_effect=lifts and not held and bool(matched) and not shown,
    )


def _id(rule: Mapping[str, Any]) -> UUID | None:
    try:
        return UUID(str(rule["id"]))
    except ValueError:
        return None


def _moves(trace: Trace) -> Iterator[tuple[int, tuple[int, int, int]]]:
    """Yield each item of the page with its rank before rules, after them, and slot."""
    candidates = trace.candidates
    ranks = {}
    if "personalised" in candidates and "final" in candidates:
        columns = zip(
            candidates["number"].tolist(),
            _ranks(candidates["personalised"]),
            _ranks(candidates["final"]),
            strict=True,
        )
        ranks = {number: (before, after) for number, before, after in columns}
    for slot, number in enumerate(trace.items.columns["number"].tolist(), start=1):
        yield number, (*ranks.get(number, (slot, slot)), slot)


def _ranks(scores: NDArray[np.float32]) -> list[int]:
    """Return how many have a higher score, from 1; equals share a rank."""
    ranks: list[int] = (
        len(scores) + 1 - np.sort(scores).searchsorted(scores, side="right")
    ).tolist()
    return ranks
