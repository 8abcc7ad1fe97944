"""Why an item stands where it stands: only what really moved it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import compress

import numpy as np

from rules.core.effects import effects, pin_reasons, reason_of

from .last_resort import ALREADY_BOUGHT, are_shown_again
from .ranking import Ranking

POPULARITY = "recent_popularity"
CO_VISITATION = "co_visitation"
PERSONALIZATION = "personalization"
DIVERSITY = "diversity"
EXPLORATION = "exploration"
PREFETCHED = "prefetched"
FALLBACK = "fallback"
STARTER = "starter_profile"

LIKENESS_REASONS = {
    "collaborative": "collaborative",
    "ease": "collaborative",
    "content": "content_similarity",
    "embedding": "embedding_similarity",
    "session": "session_sequence",
}
"""Signal of likeness → the reason it gives."""

BY_ANCHORS = {CO_VISITATION, *LIKENESS_REASONS.values()}
"""Reasons that say something of the items from which likeness started."""


def reasons(ranking: Ranking) -> tuple[tuple[str, ...], ...]:
    """Return the reasons of each item shown, the most basic first.

    A signal is a reason if it added to the score; of the likeness signals only
    the strongest is. Personalisation is one if it lifted the score, diversity if
    the item stands elsewhere than its score alone would put it, chance if it was
    drawn. An item with none of these filled a place that was left.

    Returns
    -------
    reasons : tuple of tuples of str
        One tuple per item, each with at least one reason.
    """
    moved = _moved(ranking)
    by_rule = _rule_reasons(ranking)
    last = FALLBACK if ranking.pool.request.items is None else PREFETCHED
    again = _shown_again(ranking)
    told = []
    for place, signals in zip(
        ranking.places.tolist(), _signal_reasons(ranking), strict=True
    ):
        told_here = [*signals, *by_rule.get(place, ())]
        if place in again:
            told_here.append(ALREADY_BOUGHT)
        if place in ranking.explored:
            told_here.append(EXPLORATION)
        elif place in moved:
            told_here.append(DIVERSITY)
        told.append(tuple(dict.fromkeys(told_here)) or (last,))
    return tuple(told)


def _shown_again(ranking: Ranking) -> frozenset[int]:
    if not len(ranking.pool.eligibility.shown_again):
        return frozenset()
    places = ranking.places
    return frozenset(places[are_shown_again(ranking.pool, places)].tolist())


def _signal_reasons(ranking: Ranking) -> Iterator[list[str]]:
    scored, shown = ranking.scored, ranking.places
    weights = scored.weights
    columns = [(POPULARITY, weights.pop * scored.pop[shown])]
    columns.append((CO_VISITATION, weights.cooc * scored.cooc[shown]))
    likenesses = {name: column[shown] for name, column in scored.likenesses.items()}
    strongest = np.max([*likenesses.values(), np.zeros(len(shown))], axis=0)
    columns += [
        (LIKENESS_REASONS[name], column * (column == strongest))
        for name, column in likenesses.items()
    ]
    columns += [(name, column[shown]) for name, column in scored.extras.items()]
    lifted = (scored.multiplier[shown] - 1.0) * scored.blended[shown]
    columns.append((PERSONALIZATION, lifted))
    names = [name for name, _ in columns]
    if ranking.pool.shopper.has_stand_ins:
        # The user chose none of what these started from.
        names = [STARTER if name in BY_ANCHORS else name for name in names]
    counts = np.array([column for _, column in columns]).T > 0
    for row in counts.tolist():
        yield list(compress(names, row))


def _rule_reasons(ranking: Ranking) -> Mapping[int, tuple[str, ...]]:
    """Return the reasons that items shown owe to rules."""
    ruled = ranking.outcome.ruled
    if ruled is None:
        return {}
    told = {
        place: tuple(map(reason_of, done))
        for place, done in effects(ruled, ranking.places).items()
    }
    for place, reason in pin_reasons(ruled.groups, ranking.pins).items():
        told[place] = (*told.get(place, ()), reason)
    return told


def _moved(ranking: Ranking) -> frozenset[int]:
    """Return the items that stand elsewhere than their score alone would put them."""
    picks = ranking.choice.page.picks
    by_score = dict(
        zip(ranking.choice.leading[picks].tolist(), picks.tolist(), strict=True)
    )
    fixed = {*ranking.explored, *ranking.pins.positions.tolist()}
    chosen = [place for place in ranking.places.tolist() if place not in fixed]
    return frozenset(
        place for i, place in enumerate(chosen) if by_score.get(place) != i
    )
