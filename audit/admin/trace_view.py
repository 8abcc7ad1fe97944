"""A stored trace as its page shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit.core.columns import rows
from audit.core.record import Drops, Trace
from catalog.models import Item

from . import words


@dataclass(frozen=True, kw_only=True)
class StageBox:
    title: str
    count: int
    note: str


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
        return words.plain(self.code)


@dataclass(frozen=True, kw_only=True)
class Dropped:
    number: int
    item: Item | None
    code: str
    words: str

    @property
    def title(self) -> str:
        return words.plain(self.code)


def stages(trace: Trace) -> list[StageBox]:
    return [
        StageBox(
            title=words.plain(stage.name),
            count=stage.n_out,
            note=_stage_note(stage.n_in - stage.n_out, stage.duration_us),
        )
        for stage in trace.stages
    ]


def _stage_note(lost: int, duration_us: int) -> str:
    """Say what a stage took away and how long it took, as far as either is known."""
    fewer = f"{lost:,}\N{NO-BREAK SPACE}fewer" if lost > 0 else ""
    took = words.milliseconds(duration_us) if duration_us else ""
    return " · ".join(filter(None, (fewer, took))) or "none fewer"


def answer_numbers(trace: Trace) -> list[int]:
    return [int(number) for number in trace.items.columns["number"].tolist()]


def shown(trace: Trace, items: Mapping[int, Item]) -> list[Shown]:
    """Return the answer, best first."""
    base = {row["number"]: row["rank"] for row in candidates(trace)}
    scores = trace.items.columns["score"].tolist()
    parts = list(rows(trace.items.columns))
    return [
        Shown(
            slot=slot,
            number=number,
            item=items.get(number),
            item_id=trace.items.ids[slot - 1],
            base_rank=base.get(number),
            score=scores[slot - 1],
            reason=words.reason(main_reason(reasons, parts[slot - 1])),
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


def main_reason(reasons: Sequence[str], parts: Mapping[str, Any]) -> str:
    """Return the reason that added most to the score; chance before all others."""
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


def drop_reasons(drops: Drops) -> list[DropReason]:
    """Return why candidates were dropped, most frequent reason first."""
    codes = drops.columns["reason"].tolist() if drops.columns else []
    counted = Counter(drops.reasons[code] for code in codes)
    return [
        DropReason(code=code, words=words.drop(code), count=count)
        for code, count in counted.most_common()
    ]


def dropped_numbers(drops: Drops, *, code: str, most: int) -> list[tuple[int, str]]:
    """Return dropped items with their reasons, all or those of one reason."""
    table = rows(drops.columns) if drops.columns else ()
    pairs = ((row["number"], drops.reasons[row["reason"]]) for row in table)
    chosen = [pair for pair in pairs if not code or pair[1] == code]
    return chosen[:most]


def dropped(
    pairs: Sequence[tuple[int, str]], items: Mapping[int, Item]
) -> list[Dropped]:
    return [
        Dropped(
            number=number, item=items.get(number), code=code, words=words.drop(code)
        )
        for number, code in pairs
    ]
