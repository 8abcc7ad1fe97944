"""A stored trace as its page shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from audit.core.columns import rows
from audit.core.record import Drops, Stage, Trace
from catalog.models import Item

from . import words
from .rules_told import RuleTold, rules_of_items, rules_told


@dataclass(frozen=True, kw_only=True)
class StageBox:
    """A stage of the strip, and which items of the table it is about."""

    name: str
    title: str
    count: int
    note: str
    tab: str = ""
    """Where its items are listed, "" where there is no list of them."""
    is_filter: bool = False
    """Whether the list is narrowed to what this stage dropped."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An item of the answer."""

    slot: int
    number: int
    item: Item | None
    item_id: str
    base_rank: int | None
    score: float
    reason: str
    rules: Sequence[RuleTold] = ()
    """Those that pinned it or bent its score."""
    is_pinned: bool = False
    is_explored: bool = False

    @property
    def moved(self) -> int:
        """How many places it went up between its score and its slot."""
        return 0 if self.base_rank is None else self.base_rank - self.slot


@dataclass(frozen=True, kw_only=True)
class NotReached:
    """A candidate that was scored and did not make it into the answer."""

    rank: int
    number: int
    item: Item | None
    score: float


@dataclass(frozen=True, kw_only=True)
class DropReason:
    code: str
    words: str
    count: int

    @property
    def title(self) -> str:
        return words.drop_in_short(self.code).capitalize()


@dataclass(frozen=True, kw_only=True)
class Dropped:
    number: int
    item: Item | None
    code: str
    words: str

    @property
    def stage(self) -> str:
        return words.plain(stage_of_drop(self.code))

    @property
    def title(self) -> str:
        return words.drop_in_short(self.code).capitalize()


# Which list tells of the items of a stage.
_TABS = {
    "candidates": "sources",
    "exclusions": "dropped",
    "eligibility": "dropped",
    "score": "not-reached",
    "rules": "rules",
    "diversify": "result",
}
_EXCLUSIONS = {"explicit_exclude", "already_bought"}
_BY_RULES = {"rule_block", "rule_filter"}


def stage_of_drop(code: str) -> str:
    """Return the stage that drops items for a reason."""
    if code in _BY_RULES:
        return "rules"
    return "exclusions" if code in _EXCLUSIONS else "eligibility"


def stages(trace: Trace) -> list[StageBox]:
    return [
        StageBox(
            name=stage.name,
            tab=_TABS.get(stage.name, ""),
            is_filter=_TABS.get(stage.name) == "dropped",
            title=words.stage(stage.name),
            count=stage.n_out,
            note=_stage_note(stage, n_sources=len(trace.candidate_sources)),
        )
        for stage in trace.stages
    ]


def _stage_note(stage: Stage, *, n_sources: int) -> str:
    """Say what a stage took away and how long it took, as far as either is known."""
    lost = stage.n_in - stage.n_out
    fewer = f"{lost:,}\N{NO-BREAK SPACE}fewer" if lost > 0 else ""
    if stage.name == "candidates":
        fewer = f"{n_sources}\N{NO-BREAK SPACE}sources"
    took = words.milliseconds(stage.duration_us) if stage.duration_us else ""
    return " · ".join(filter(None, (fewer, took))) or "none fewer"


def answer_numbers(trace: Trace) -> list[int]:
    return [int(number) for number in trace.items.columns["number"].tolist()]


def shown(trace: Trace, items: Mapping[int, Item]) -> list[Shown]:
    """Return the answer, best first."""
    base = {row["number"]: row["rank"] for row in candidates(trace)}
    scores = trace.items.columns["score"].tolist()
    parts = list(rows(trace.items.columns))
    by_rule = rules_of_items(trace, rules_told(trace))
    return [
        Shown(
            slot=slot,
            number=number,
            item=items.get(number),
            item_id=trace.items.ids[slot - 1],
            base_rank=base.get(number),
            score=scores[slot - 1],
            reason=words.reason(main_reason(reasons, parts[slot - 1])),
            rules=by_rule[slot - 1],
            is_pinned=any(code.startswith(_PINNED) for code in reasons),
            is_explored="exploration" in reasons,
        )
        for slot, (number, reasons) in enumerate(
            zip(answer_numbers(trace), trace.items.reasons, strict=True), start=1
        )
    ]


# What a part of the score is as a reason; similarity has several, the item says which.
_PART_REASONS = {
    "popularity": "recent_popularity",
    "personalisation": "personalization",
}
_DESCRIBING = ("overlap", "multiplier")
_PINNED = "rule.pin["


def main_reason(reasons: Sequence[str], parts: Mapping[str, Any]) -> str:
    """Return the reason that added most to the score; a pin or chance before all."""
    if pins := [code for code in reasons if code.startswith(_PINNED)]:
        return pins[0]
    if "exploration" in reasons or len(reasons) < 2:
        return (
            reasons[0]
            if len(reasons) == 1
            else "exploration"
            if reasons
            else "fallback"
        )
    added = {
        name.removeprefix("part."): value
        for name, value in parts.items()
        if name.startswith("part.") and name.removeprefix("part.") not in _DESCRIBING
    }
    if "personalised" in parts:
        added["personalisation"] = parts["personalised"] - parts["blended"]
    for name in sorted(added, key=lambda name: -added[name]):
        code = _PART_REASONS.get(name, name)
        likeness = [each for each in reasons if each in words.LIKENESSES]
        if name == "similarity" and likeness:
            return likeness[0]
        if code in reasons:
            return code
    return reasons[0]


def candidates(trace: Trace) -> list[dict[str, Any]]:
    return list(rows(trace.candidates)) if trace.candidates else []


def not_reached(trace: Trace, items: Mapping[int, Item]) -> list[NotReached]:
    """Return the best candidates outside the answer, best first."""
    left_out = [row for row in candidates(trace) if not row["slot"]]
    return [
        NotReached(
            rank=row["rank"],
            number=row["number"],
            item=items.get(row["number"]),
            score=row["final"],
        )
        for row in sorted(left_out, key=lambda row: row["rank"])
    ]


def drop_reasons(drops: Drops, *, stage: str = "") -> list[DropReason]:
    """Return why candidates were dropped, at some stage; most frequent first."""
    codes = drops.columns["reason"].tolist() if drops.columns else []
    counted = Counter(drops.reasons[code] for code in codes)
    return [
        DropReason(code=code, words=words.drop(code), count=count)
        for code, count in counted.most_common()
        if not stage or stage_of_drop(code) == stage
    ]


def dropped_numbers(
    drops: Drops, *, code: str = "", stage: str = "", most: int
) -> list[tuple[int, str]]:
    """Return dropped items with their reasons: all, or those of a reason or stage."""
    table = rows(drops.columns) if drops.columns else ()
    pairs = ((row["number"], drops.reasons[row["reason"]]) for row in table)
    chosen = (
        pair
        for pair in pairs
        if code in ("", pair[1]) and stage in ("", stage_of_drop(pair[1]))
    )
    return list(islice(chosen, most))


def dropped(
    pairs: Sequence[tuple[int, str]], items: Mapping[int, Item]
) -> list[Dropped]:
    return [
        Dropped(
            number=number, item=items.get(number), code=code, words=words.drop(code)
        )
        for number, code in pairs
    ]
