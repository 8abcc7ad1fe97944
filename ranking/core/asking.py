"""Why one item is, or is not, in an answer: told of any item, candidate or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace as changed

import numpy as np
from msgspec.structs import replace

from rules.core.effects import effects, rule_at, tally
from rules.core.rule import Action, Rule
from rules.core.types import Ruled

from .eligibility import Drop
from .fate import Fate, Full, Said, Verdict
from .gather import gather
from .inputs import Inputs
from .knobs import KNOBS_BY_NAME
from .meet import meet
from .pipeline import arrange, rules_in_force
from .pool import SOURCE_FANOUTS, Pool
from .ranking import Ranking


def fate(ranking: Ranking, item_id: str, *, inputs: Inputs) -> Fate:
    """Say what became of an item in an answer.

    Parameters
    ----------
    ranking : Ranking
    item_id : str
    inputs : Inputs
        Those of the ranking. Sources are asked again, at the largest of their
        fan-outs, where none of them brought the item.
    """
    row = ranking.pool.world.row_of_id(item_id)
    if row < 0:
        return Fate(item_id=item_id, verdict=Verdict.UNKNOWN)
    if drop := _drop(ranking, row):
        return _dropped(ranking, row, drop=drop, item_id=item_id)
    (places,) = np.nonzero(ranking.pool.rows == row)
    if len(places):
        return _ranked(ranking, int(places[0]), item_id=item_id)
    return _not_proposed(ranking, row, item_id=item_id, inputs=inputs)


def _drop(ranking: Ranking, row: int) -> Drop:
    """Return why an item was dropped, or would have been had anyone brought it."""
    pool = ranking.pool
    if row in pool.rows[ranking.places]:
        return Drop.NONE
    told = pool.drops.codes[pool.drops.rows == row]
    if not len(told):
        told = pool.eligibility.all(pool.world.select(np.array([row])))
    return Drop(int(told[0]))


def _dropped(ranking: Ranking, row: int, *, drop: Drop, item_id: str) -> Fate:
    verdicts = {
        Drop.RULE_BLOCK: Verdict.BLOCKED,
        Drop.RULE_FILTER: Verdict.FILTERED,
    }
    verdict = verdicts.get(drop, Verdict.DROPPED)
    return Fate(
        item_id=item_id,
        verdict=verdict,
        drop=drop.code,
        rules=tuple(_hiding(ranking, row, verdict=verdict)),
        n_candidates=len(ranking.pool),
    )


def _hiding(ranking: Ranking, row: int, *, verdict: Verdict) -> Iterator[Rule]:
    ruled = ranking.outcome.ruled
    if ruled is None or verdict is Verdict.DROPPED:
        return
    if verdict is Verdict.FILTERED:
        # A FILTER meets those that it lets through, and of others says nothing.
        for place in tally(ruled, ranking.pins, ranking.places).rules.tolist():
            rule = rule_at(ruled.groups, place)
            if rule.action is Action.FILTER:
                yield rule
        return
    (place,) = np.nonzero(ranking.pool.rows == row)
    for rule in _meeting(ruled, int(place[0])):
        if rule.action is Action.BLOCK:
            yield rule


def _meeting(ruled: Ruled, place: int) -> Iterator[Rule]:
    groups = ruled.groups
    for group in sorted(ruled.hits.groups[ruled.hits.places == place].tolist()):
        start, end = groups.starts[group], groups.starts[group + 1]
        for member in groups.members[start:end].tolist():
            yield rule_at(groups, member)


def _ranked(ranking: Ranking, place: int, *, item_id: str) -> Fate:
    scores, visible = ranking.outcome.scores, ranking.outcome.visible
    slots = np.flatnonzero(ranking.places == place)
    slot = int(slots[0]) + 1 if len(slots) else None
    is_pinned = place in ranking.pins.positions
    last = _last_score(ranking)
    full = () if slot else tuple(_full_caps(ranking, place))
    return Fate(
        item_id=item_id,
        verdict=_why(ranking, place, slot=slot, last=last, full=full),
        slot=slot,
        is_pinned=is_pinned,
        is_explored=place in ranking.explored,
        rank=_rank(ranking, place),
        score=float(scores[place]),
        last_score=last,
        n_candidates=int(np.count_nonzero(visible)),
        rules=_bending(ranking, place, is_pinned=is_pinned),
        full=full,
    )


def _why(
    ranking: Ranking,
    place: int,
    *,
    slot: int | None,
    last: float | None,
    full: tuple[Full, ...],
) -> Verdict:
    if slot is not None:
        return Verdict.SHOWN
    score = float(ranking.outcome.scores[place])
    if last is not None and score < last:
        return Verdict.OUTRANKED
    if full:
        return Verdict.CAPPED
    is_considered = place in ranking.choice.leading
    tradeoff = ranking.knobs.mmr_lambda
    weighs_variety = tradeoff is not None and tradeoff < 1.0
    if is_considered and weighs_variety and last is not None:
        return Verdict.UNLIKE
    return Verdict.OUTRANKED


def _rank(ranking: Ranking, place: int) -> int:
    scores, ids = ranking.outcome.scores, ranking.pool.id_rank
    ahead = scores > scores[place]
    ahead |= (scores == scores[place]) & (ids < ids[place])
    return int(np.count_nonzero(ahead & ranking.outcome.visible)) + 1


def _last_score(ranking: Ranking) -> float | None:
    fixed = {*ranking.explored, *ranking.pins.positions.tolist()}
    shown = [place for place in ranking.places.tolist() if place not in fixed]
    return float(ranking.outcome.scores[shown].min()) if shown else None


def _full_caps(ranking: Ranking, place: int) -> Iterator[Full]:
    """Return the caps that the page has reached for an item that is not on it."""
    leading = ranking.choice.leading.tolist()
    if place not in leading:
        return
    index = leading.index(place)
    shown = set(ranking.places.tolist())
    on_page = [i for i, each in enumerate(leading) if each in shown]
    for cap in ranking.choice.caps:
        for value in sorted(cap.values[index]):
            if sum(value in cap.values[i] for i in on_page) >= cap.limit:
                yield Full(dimension=cap.dimension, value=value, limit=cap.limit)


def _bending(ranking: Ranking, place: int, *, is_pinned: bool) -> tuple[Rule, ...]:
    ruled = ranking.outcome.ruled
    if ruled is None:
        return ()
    done = effects(ruled, np.array([place])).get(place, [])
    bent = [effect.rule for effect in done]
    if is_pinned:
        which = ranking.pins.rules[ranking.pins.positions == place].tolist()
        bent += [rule_at(ruled.groups, rule) for rule in which]
    return tuple(bent)


def _not_proposed(ranking: Ranking, row: int, *, item_id: str, inputs: Inputs) -> Fate:
    wide = _widest(ranking, inputs)
    (places,) = np.nonzero(wide.rows == row)
    own = ranking.pool.resolved.knobs
    ranks = wide.source_ranks[:, places[0]] if len(places) else [0] * len(wide.sources)
    said = tuple(
        Said(source=source, place=int(place), limit=_limit(own, source))
        for source, place in zip(wide.sources, ranks, strict=True)
    )
    return Fate(
        item_id=item_id,
        verdict=Verdict.NOT_PROPOSED,
        n_candidates=len(ranking.pool),
        said=said,
        would=_would(ranking, wide, row, inputs=inputs) if len(places) else None,
    )


def _widest(ranking: Ranking, inputs: Inputs) -> Pool:
    """Return the candidates that there would be at the largest fan-outs."""
    shopper, resolved = meet(inputs)
    most = {
        knob: int(KNOBS_BY_NAME[knob].high or 0)
        for knob in SOURCE_FANOUTS.values()
        if getattr(resolved.knobs, knob)
    }
    knobs = changed(resolved.knobs, **most)  # type: ignore[arg-type]
    wide = changed(ranking.pool.resolved, knobs=knobs)
    return gather(inputs, shopper=shopper, resolved=wide)


def _limit(knobs: object, source: str) -> int | None:
    knob = SOURCE_FANOUTS.get(source)
    return None if knob is None else int(getattr(knobs, knob))


def _would(ranking: Ranking, wide: Pool, row: int, *, inputs: Inputs) -> Fate:
    """Rank the candidates again with one more."""
    among = np.isin(wide.rows, np.append(ranking.pool.rows, row))
    resolved = ranking.pool.resolved
    pool = replace(wide.take(np.flatnonzero(among)), resolved=resolved)
    again = arrange(
        pool,
        resolved.knobs,
        rules=rules_in_force(inputs),
        at_us=inputs.at_us,
        seed=inputs.seed,
    )
    (places,) = np.nonzero(again.pool.rows == row)
    item_id = ranking.pool.world.item_id(row)
    if drop := _drop(again, row):
        return _dropped(again, row, drop=drop, item_id=item_id)
    return _ranked(again, int(places[0]), item_id=item_id)
