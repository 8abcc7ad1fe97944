"""What rules would do to items or to a page, told by rule and by item."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import msgspec
import numpy as np
from msgspec import Struct

from catalog.models import Namespace
from ranking.core.configuration import Configuration
from ranking.core.ranking import Ranking
from ranking.core.request import Request
from rules.core.compile import NO_SURFACE
from rules.core.effects import effects, reason_of, rule_at, tally
from rules.core.rule import EVERY_SURFACE, Rule
from rules.core.types import Ruled
from rules.core.windows import is_in_force

from .call import Answer
from .looking import preview
from .previews import within_segment


class Match(Struct, frozen=True):
    """A rule and the items that it met."""

    rule: Rule
    item_ids: tuple[str, ...]


class Pinned(Struct, frozen=True):
    """An item that a rule gave a place."""

    item_id: str
    rule: Rule
    slot: int
    was_asked_for: bool
    """Whether it was among the items, or joined them because a rule names it."""


class ItemEffect(Struct, frozen=True):
    """What became of one item."""

    blocked: bool
    pinned: bool
    boost_delta: float
    reasons: tuple[str, ...]


class DryRun(Struct, frozen=True, kw_only=True):
    """What the rules of a configuration did."""

    answer: Answer
    evaluated: tuple[Rule, ...] = ()
    """Those in force for the surface and the segment at the moment."""

    matches: tuple[Match, ...] = ()
    effects: dict[str, ItemEffect] = {}
    pinned: tuple[Pinned, ...] = ()


def dry_run(
    namespace: Namespace,
    request: Request,
    *,
    wall_us: int,
    configuration: Configuration,
    segment: str | None = None,
) -> DryRun:
    """Rank once, keep nothing, and tell what the rules did.

    With a segment as if whoever asks belonged to it.
    """
    if segment is not None:
        configuration = within_segment(configuration, segment)
    answer = preview(namespace, request, wall_us=wall_us, draft=configuration)
    evaluated = tuple(
        rule
        for rule in configuration.obeyed
        if _is_asked(rule, answer) and is_in_force(rule.windows, at_us=wall_us)
    )
    ruled = answer.ranking.outcome.ruled
    if ruled is None:
        return DryRun(answer=answer, evaluated=evaluated)
    pinned = tuple(_pinned(answer.ranking, ruled))
    return DryRun(
        answer=answer,
        evaluated=evaluated,
        matches=tuple(_matches(answer.ranking, ruled, pinned)),
        effects=_effects(answer.ranking, ruled, pinned),
        pinned=pinned,
    )


def with_only(configuration: Configuration, ids: Collection[str]) -> Configuration:
    """Return the configuration with some of its rules and overrides alone."""
    return msgspec.structs.replace(
        configuration,
        rules=tuple(rule for rule in configuration.rules if rule.id in ids),
        overrides=tuple(rule for rule in configuration.overrides if rule.id in ids),
    )


def _is_asked(rule: Rule, answer: Answer) -> bool:
    surface = answer.call.request.surface or NO_SURFACE
    segment = answer.ranking.pool.shopper.match.segment_id or ""
    if rule.surface not in (EVERY_SURFACE, surface):
        return False
    return rule.segment is None or rule.segment.casefold() == segment.casefold()


def _matches(
    ranking: Ranking, ruled: Ruled, pinned: Sequence[Pinned]
) -> Iterator[Match]:
    told = tally(ruled, ranking.pins, ranking.places)
    for place, held in zip(told.rules.tolist(), told.held.tolist(), strict=True):
        rule = rule_at(ruled.groups, place)
        hits = ruled.held if held else ruled.hits
        met = hits.places[hits.groups == ruled.groups.group[place]]
        ids = {_item_id(ranking, each) for each in met.tolist()}
        ids |= {each.item_id for each in pinned if each.rule.id == rule.id}
        yield Match(rule, tuple(sorted(ids)))


def _effects(
    ranking: Ranking, ruled: Ruled, pinned: Sequence[Pinned]
) -> dict[str, ItemEffect]:
    places = np.arange(len(ranking.pool))
    moved = effects(ruled, places)
    by_pin = {each.item_id: each.rule for each in pinned}
    told = {}
    for place in places.tolist():
        item_id = _item_id(ranking, place)
        steps = moved.get(place, [])
        reasons = [reason_of(step) for step in steps]
        pin = by_pin.get(item_id)
        if pin is not None:
            reasons.append(f"rule.pin[{pin.id}]")
        told[item_id] = ItemEffect(
            blocked=bool(ruled.blocked[place] or ruled.filtered[place]),
            pinned=pin is not None,
            boost_delta=steps[-1].after - steps[0].before if steps else 0.0,
            reasons=tuple(reasons),
        )
    return told


def _pinned(ranking: Ranking, ruled: Ruled) -> Iterator[Pinned]:
    pins, asked = ranking.pins, ranking.pool.request.items
    named = {item.item_id for item in asked or ()}
    for place, rule, slot in zip(
        pins.positions.tolist(), pins.rules.tolist(), pins.slots.tolist(), strict=True
    ):
        item_id = _item_id(ranking, place)
        yield Pinned(
            item_id,
            rule_at(ruled.groups, rule),
            slot,
            was_asked_for=asked is None or item_id in named,
        )


def _item_id(ranking: Ranking, place: int) -> str:
    return ranking.pool.world.item_id(int(ranking.pool.rows[place]))
