"""Finding an item to put on the page, and saying why one cannot be there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from audit.admin import words
from catalog.admin.item_reads import listed_items, narrowed
from catalog.admin.lists import within
from catalog.models import Item, Namespace
from ranking.core.eligibility import Drop
from ranking.core.ranking import Ranking
from ranking.serve import Answer

_MOST_FOUND = 20
_MOST_IDS = 50
_PATIENCE_MS = 150


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where an item stands on this page, in a sentence."""

    sentence: str
    kind: str
    """"shown", "near", "out" or "waiting"."""
    slot: int | None = None


@dataclass(frozen=True, kw_only=True)
class Found:
    """An item that was looked for; without a row it is in no catalog yet."""

    item_id: str
    item: Item | None
    standing: Standing


def search(namespace: Namespace, text: str, *, answer: Answer) -> list[Found]:
    """Return items by words of their title, or by a list of ids."""
    listed = listed_items(namespace)
    ids = _ids(text)
    by_id = {item.item_id: item for item in listed.filter(item_id__in=ids)}
    rows = list(by_id.values())
    if len(ids) <= 1 or not rows:
        titled = narrowed(listed, {"q": text}).order_by("-created_at", "-pk")
        more = within(_PATIENCE_MS, lambda: list(titled[:_MOST_FOUND]))
        rows += [item for item in more or () if item.item_id not in by_id]
    found = [
        Found(item_id=item.item_id, item=item, standing=standing(answer, item))
        for item in rows
    ]
    is_list = bool(by_id) and len(ids) > 1
    unknown = [each for each in ids if each not in by_id]
    if is_list or (not found and len(ids) == 1):
        found += [_waiting(item_id) for item_id in unknown]
    return found


def standing(answer: Answer, item: Item) -> Standing:
    """Say where an item stands on a ranked page."""
    ranking = answer.ranking
    if item.item_id in ranking.item_ids:
        slot = ranking.item_ids.index(item.item_id) + 1
        sentence = f"On this page at position {slot}."
        return Standing(sentence=sentence, kind="shown", slot=slot)
    world = ranking.pool.world
    row = int(world.row_of_id(item.item_id))
    if row < 0:
        words_ = "Not eligible here because what serves does not know it yet."
        return Standing(sentence=words_, kind="out")
    if reason := _refusal(ranking, row):
        return Standing(sentence=f"Not eligible here because {reason}", kind="out")
    return Standing(sentence=_near(ranking, row), kind="near")


def _refusal(ranking: Ranking, row: int) -> str:
    drops = ranking.pool.drops
    told = drops.codes[drops.rows == row].tolist()
    if not told:
        selected = ranking.pool.world.select(np.array([row]))
        told = ranking.pool.eligibility.all(selected).tolist()
    return _because(Drop(told[0]).code) if told and told[0] else ""


_BECAUSE = {
    "unavailable": "it is switched off in the catalog.",
    "out_of_stock": "nothing of it is in stock.",
    "unlisted": "it was deleted from the catalog.",
    "already_bought": "this user bought it already.",
    "rule_block": "a rule blocks it.",
    "rule_filter": "a rule shows nothing but others.",
}


def _because(code: str) -> str:
    return _BECAUSE.get(code) or words.drop(code)


def _near(ranking: Ranking, row: int) -> str:
    places = np.flatnonzero(ranking.pool.rows == row)
    if not len(places):
        return "Eligible, but no source proposes it: a pin or a boost brings it in."
    scores, visible = ranking.outcome.scores, ranking.outcome.visible
    ahead = np.count_nonzero(scores[visible] > scores[places[0]])
    return f"Eligible: it ranks {ahead + 1} by score, this page ends at {len(ranking)}."


def _waiting(item_id: str) -> Found:
    said = (
        "Not in the catalog yet: a pin waits for it, and shows it from its first day."
    )
    standing = Standing(sentence=said, kind="waiting")
    return Found(item_id=item_id, item=None, standing=standing)


def _ids(text: str) -> Sequence[str]:
    separated = text.replace(",", " ").replace(";", " ").split()
    return list(dict.fromkeys(separated))[:_MOST_IDS]
