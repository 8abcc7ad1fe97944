"""What merchandisers' rules did to an answer, as the trace and the caller are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec import Struct

from ranking.core.ranking import Ranking
from rules.core.effects import rule_at, tally
from rules.core.rule import Action, Kind, Rule
from rules.core.types import Unpinned

# A trace names every rule that met a candidate, up to so many.
MOST_TOLD = 200
_BOOSTS = (Action.BOOST, Action.BURY)


class RuleTold(Struct, frozen=True, kw_only=True):
    """What one rule or override did to one answer."""

    rule: Rule
    matched: int
    """Candidates that it matched."""

    shown: int
    """Those of them that are on the page; of a PIN those that it put there."""

    held: bool
    """Whether this user is held out of it, so that it did nothing."""

    unpinned: tuple[Unpinned, ...] = ()


def rules_told(ranking: Ranking) -> tuple[RuleTold, ...]:
    """Return every rule that met a candidate, those that act first before others."""
    ruled = ranking.outcome.ruled
    if ruled is None:
        return ()
    found = tally(ruled, ranking.pins, ranking.places)
    left: dict[int, list[Unpinned]] = {}
    for each in ranking.pins.unpinned:
        left.setdefault(each.rule, []).append(each)
    met = dict(
        zip(
            found.rules.tolist(),
            zip(
                found.matched.tolist(),
                found.shown.tolist(),
                found.held.tolist(),
                strict=True,
            ),
            strict=True,
        )
    )
    told = []
    for place in sorted({*met, *left})[:MOST_TOLD]:
        matched, shown, held = met.get(place, (0, 0, False))
        told.append(
            RuleTold(
                rule=rule_at(ruled.groups, place),
                matched=matched,
                shown=shown,
                held=held,
                unpinned=tuple(left.get(place, ())),
            )
        )
    return tuple(told)


def ids_of(told: tuple[RuleTold, ...]) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Return the ids of rules and of overrides, by which decisions are found."""
    rules = tuple(UUID(each.rule.id).bytes for each in told if not _by_hand(each))
    overrides = tuple(
        UUID(each.rule.override_id or each.rule.id).bytes
        for each in told
        if _by_hand(each)
    )
    return rules, overrides


def for_trace(told: tuple[RuleTold, ...]) -> tuple[Mapping[str, Any], ...]:
    """Return what a trace keeps of each rule."""
    return tuple(_kept(each) for each in told)


def for_caller(told: tuple[RuleTold, ...]) -> list[dict[str, Any]]:
    """Return what the caller is told of each override that matched."""
    return [_activity(each) for each in told if _by_hand(each) and each.matched]


def _by_hand(told: RuleTold) -> bool:
    return told.rule.kind is Kind.OVERRIDE


def _kept(told: RuleTold) -> Mapping[str, Any]:
    rule = told.rule
    kept: dict[str, Any] = {
        "id": rule.id,
        "version": rule.version,
        "name": rule.name,
        "kind": rule.kind.value,
        "action": rule.action.value,
        "matched": told.matched,
        "shown": told.shown,
    }
    if rule.value is not None:
        kept["value"] = rule.value
    if told.held:
        kept["held"] = True
    if told.unpinned:
        kept["unpinned"] = [
            {"item_id": each.item_id, "reason": each.reason, "position": each.position}
            for each in told.unpinned
        ]
    return kept


def _activity(told: RuleTold) -> dict[str, Any]:
    rule, items = told.rule, list(told.rule.target.values)
    acted = not told.held
    return {
        "override_id": rule.override_id or rule.id,
        "rule_id": rule.id,
        "action": rule.action.value.lower(),
        "matched": True,
        "matched_items": items,
        "blocked_items": items if acted and rule.action is Action.BLOCK else [],
        "pinned_items": items if acted and rule.action is Action.PIN else [],
        "boosted_items": items if acted and rule.action in _BOOSTS else [],
        "served_items": items if told.shown else [],
    }
