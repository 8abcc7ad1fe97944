"""Two answers side by side, place by place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from audit.admin import words
from audit.core.record import Trace
from catalog.models import Item
from ranking.core.difference import Change, Difference, Shown

type Told = Mapping[str, Any]
"""An item of an answer: `item_id`, `score` and `reasons`."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """One place of one of two answers."""

    item_id: str
    item: Item | None
    score: float
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One place of two answers."""

    slot: int
    before: Side | None
    after: Side | None
    change: str = ""
    """What became of who stands there now, "" when nothing did."""
    is_moved: bool = False


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """Two answers, place by place, and in sentences."""

    pairs: Sequence[Pair]
    sentences: Sequence[str]


def stored(trace: Trace) -> list[Told]:
    scores = trace.items.columns["score"].tolist()
    return [
        {"item_id": item_id, "score": score, "reasons": reasons}
        for item_id, score, reasons in zip(
            trace.items.ids, scores, trace.items.reasons, strict=True
        )
    ]


def as_shown(trace: Trace) -> list[Shown]:
    return [Shown(each["item_id"], each["score"]) for each in stored(trace)]


def side_by_side(
    before: Sequence[Told],
    after: Sequence[Told],
    *,
    changes: Sequence[Difference],
    namespace_id: int,
) -> SideBySide:
    """Return the places of two answers, with what became of who stands there."""
    told = {each.item_id: each for each in changes}
    ids = {each["item_id"] for each in (*before, *after)}
    rows = Item.objects.filter(namespace=namespace_id, item_id__in=ids)
    items = {item.item_id: item for item in rows}
    pairs = []
    for place in range(max(len(before), len(after))):
        now = _side(after[place : place + 1], items)
        change = told.get(now.item_id) if now else None
        pairs.append(
            Pair(
                slot=place + 1,
                before=_side(before[place : place + 1], items),
                after=now,
                change=_change(change),
                is_moved=change is not None and change.change is not Change.SCORED,
            )
        )
    return SideBySide(
        pairs=pairs, sentences=[_sentence(each, items) for each in changes]
    )


def _change(difference: Difference | None) -> str:
    if difference is None:
        return ""
    if difference.change is Change.SCORED:
        return "scores otherwise"
    if difference.before is None:
        return "comes in"
    assert difference.after is not None
    way = "up" if difference.after < difference.before else "down"
    return f"{way} from {difference.before}"


def _sentence(difference: Difference, items: Mapping[str, Item]) -> str:
    item = items.get(difference.item_id)
    title = item.title if item and item.title else difference.item_id
    return replace(difference, item_id=title).sentence


def _side(found: Sequence[Told], items: Mapping[str, Item]) -> Side | None:
    for each in found:
        codes = each["reasons"]
        return Side(
            item_id=each["item_id"],
            item=items.get(each["item_id"]),
            score=each["score"],
            reason=words.reason(codes[0]) if codes else "",
        )
    return None
