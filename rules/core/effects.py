"""What each rule did to some candidates, told afterwards and only when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .groups import Groups
from .lists import spread
from .rule import Action, Rule
from .types import Hits, Pins, Rows, Ruled

type Flags = NDArray[np.bool_]
type I64 = NDArray[np.int64]

MOST_EFFECTS = 8
"""Of more rules on one candidate, those that act first are told."""


class Effect(Struct, frozen=True):
    """What a BOOST or BURY did to the score of a candidate."""

    rule: Rule
    before: float
    after: float


class Tallies(Struct, frozen=True, kw_only=True):
    """What the rules of a request met; row i of every column is the same rule."""

    rules: I64
    """Shape (m,). Places in ``Groups.rules``; only rules that met anything."""

    matched: I64
    """Candidates that the rule matched."""

    shown: I64
    """Those of them that are on the page; of a PIN those that it put there."""

    held: NDArray[np.bool_]
    """True for rules that this user is held out of, and that did nothing."""


def rule_at(groups: Groups, place: int) -> Rule:
    """Return a rule by its place in the groups."""
    return groups.reading.rules[int(groups.rules[place])]


def effects(ruled: Ruled, places: Rows) -> dict[int, list[Effect]]:
    """Return what moved the scores of some candidates, in the order of the rules.

    Parameters
    ----------
    ruled : Ruled
    places : array of shape (m,)

    Returns
    -------
    effects : dict
        By candidate. The first ``MOST_EFFECTS`` of each; rules that left a
        score as it was are not among them.
    """
    told: dict[int, list[Effect]] = {}
    rules = ruled.groups.reading.rules
    current, score = -1, 0.0
    for place, number, factor, lift in _acting(ruled, places):
        if place != current:
            current, score = place, float(ruled.before[place])
        # A rule that does not lift has NaN, which is not above 0.
        after = lifted(score, lift, ruled.floor) if lift > 0 else score * factor
        if after != score:
            effect = Effect(rules[number], score, after)
            told.setdefault(place, []).append(effect)
            score = after
    return told


def lifted(score: float, value: float, floor: float) -> float:
    """Return a score after a BOOST that names the item.

    Examples
    --------
    >>> lifted(0.5, 3.0, 0.1), lifted(0.0, 0.4, 0.0), lifted(0.0, 1.0, 0.25)
    (2.0, 0.4, 0.25)
    """
    return score + (value * max(score, floor) or value)


def _acting(ruled: Ruled, places: Rows) -> Iterator[tuple[int, int, float, float]]:
    """Return what acts on the scores of candidates, candidate by candidate.

    Each is a candidate, the place of a rule in the reading, its factor and lift.
    """
    groups = ruled.groups
    is_asked = np.zeros(len(ruled.before), dtype=np.bool_)
    is_asked[places] = True
    hits = ruled.hits.where(is_asked.take(ruled.hits.places))
    hits = hits.where(groups.bends.take(hits.groups))
    begins = groups.starts.take(hits.groups)
    counts = groups.starts.take(hits.groups + 1) - begins
    rules = groups.members.take(spread(begins, counts))
    owners = hits.places.repeat(counts)
    acts = groups.steps_of.take(rules)
    owners, rules = owners[acts], rules[acts]
    order = np.lexsort((rules, owners))
    owners, rules = owners.take(order), rules.take(order)
    early = np.arange(len(owners)) - owners.searchsorted(owners) < MOST_EFFECTS
    numbers = groups.rules.take(rules[early])
    columns = groups.reading.columns
    told = (
        owners[early],
        numbers,
        columns.factor.take(numbers),
        columns.lift.take(numbers),
    )
    return zip(*(column.tolist() for column in told), strict=True)


def tally(ruled: Ruled, pins: Pins, shown: Rows) -> Tallies:
    """Count what each rule met.

    Parameters
    ----------
    ruled : Ruled
    pins : Pins
    shown : array of shape (m,)
        Candidates on the page.
    """
    groups = ruled.groups
    is_shown = np.zeros(len(ruled.before), dtype=np.bool_)
    is_shown[shown] = True
    nobody = np.zeros(len(ruled.before), dtype=np.bool_)
    rules, matched, seen = _by_rule(groups, ruled.hits, is_shown)
    held, would, _ = _by_rule(groups, ruled.held, nobody)
    pinning, pinned = np.unique(pins.rules, return_counts=True)
    all_rules = np.concatenate((rules, held, pinning))
    which, first = np.unique(all_rules, return_index=True)
    nothing = np.zeros_like(pinning)
    told = np.concatenate((matched, would, pinned))[first]
    shown_of = np.concatenate((seen, np.zeros_like(held), nothing))[first]
    # A PIN shows what it put in place, wherever else its items stand.
    shown_of[groups.is_pin.take(which)] = 0
    shown_of[which.searchsorted(pinning)] = pinned
    is_held = np.zeros(len(which), dtype=np.bool_)
    is_held[which.searchsorted(held)] = True
    return Tallies(
        rules=which,
        matched=np.maximum(told, shown_of),
        shown=shown_of,
        held=is_held,
    )


def _by_rule(groups: Groups, hits: Hits, is_shown: Flags) -> tuple[I64, I64, I64]:
    """Return the rules that were met, by how many candidates, by how many shown."""
    n_groups = len(groups.target)
    matched = np.bincount(hits.groups, minlength=n_groups)
    shown = np.bincount(hits.of_places(is_shown), minlength=n_groups)
    which = matched.nonzero()[0]
    begins = groups.starts.take(which)
    counts = groups.starts.take(which + 1) - begins
    rules = groups.members.take(spread(begins, counts))
    return (
        rules,
        matched.take(which).repeat(counts),
        shown.take(which).repeat(counts),
    )


def reason_of(effect: Effect) -> str:
    """Return the reason that a boosted item owes to a rule.

    >>> from rules.core.rule import Target, TargetType
    >>> tag = Target(type=TargetType.TAG, values=("sale",))
    >>> rule = Rule(id="r", action=Action.BOOST, target=tag, value=0.25)
    >>> reason_of(Effect(rule, 1.0, 1.25))
    'rule.boost:+0.25[r]'
    """
    return _reason(effect.rule.action, effect.rule.value or 0.0, effect.rule.id)


@lru_cache(maxsize=32_768)
def _reason(action: Action, value: float, rule_id: str) -> str:
    signed = -value if action is Action.BURY else value
    shown = f"{signed:+.2f}" if round(signed, 2) == signed else f"{signed:+g}"
    return f"rule.{action.lower()}:{shown}[{rule_id}]"


def pin_reasons(groups: Groups, pins: Pins) -> Mapping[int, str]:
    """Return the reason of each pinned candidate."""
    pairs = zip(pins.positions.tolist(), pins.rules.tolist(), strict=True)
    return {place: f"rule.pin[{rule_at(groups, rule).id}]" for place, rule in pairs}
