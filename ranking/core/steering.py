"""Let merchandisers' rules act on a scored pool, and choose its pins.

What rules do is written in :mod:`rules.core.apply`; here they meet a pool, and
items that they name join it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from rules.core.apply import Ruling, apply_rules, launched, rule_on
from rules.core.gates import Asker
from rules.core.groups import Groups
from rules.core.index import Index, index_of
from rules.core.pins import choose_pins
from rules.core.types import NO_PINS, Outcome, Pins, RuleSet

from .columns import NO_ROWS, Flags, Rows
from .eligibility import STANDING_DROPS, Drop
from .joining import join, moved
from .knobs import Knobs
from .pool import Drops, Pool
from .refilling import refill
from .request import History
from .rule_catalog import WorldCatalog
from .score import Scored, score
from .segments import facts_of
from .world import World

MOST_LAUNCHED = 200
"""Items that may join one pool because a BOOST names them: those lifted by most.
A page has at most 200 places."""

NOBODY = History.anonymous()


class Steered(NamedTuple):
    """A pool after the rules, with the items that they brought."""

    pool: Pool
    scored: Scored
    outcome: Outcome
    pins: Pins


def steer(
    pool: Pool, scored: Scored, *, knobs: Knobs, rules: RuleSet, at_us: int
) -> Steered:
    """Block, filter, boost and bury, and choose the pins.

    Parameters
    ----------
    pool : Pool
    scored : Scored
    knobs : Knobs
    rules : RuleSet
        Of the request's surface.
    at_us : int
        The moment of the ranking.
    """
    ruling = _ruling(pool, knobs, rules=rules, at_us=at_us)
    if ruling is None:
        everything = np.ones(len(pool), dtype=np.bool_)
        outcome = Outcome(scores=scored.scores, visible=everything)
        return Steered(pool, scored, outcome, NO_PINS)
    bent = _bend(pool, scored, ruling)
    missing = pool.request.k - bent.n_competing
    if missing > 0 and bent.hides_some and pool.request.items is None:
        pool = refill(pool, ruling, missing=missing)
        bent = _bend(pool, score(pool, knobs=knobs), ruling)
    return _pinned(bent, ruling, knobs=knobs)


class Bent(NamedTuple):
    """A pool after BLOCK, FILTER, BOOST and BURY."""

    pool: Pool
    scored: Scored
    outcome: Outcome
    is_launched: Flags
    """Shape (n,). Those that joined because a BOOST names them."""

    @property
    def n_competing(self) -> int:
        """How many would be shown without a BOOST too."""
        return int(np.count_nonzero(self.outcome.visible & ~self.is_launched))

    @property
    def hides_some(self) -> bool:
        """Whether rules hide any candidate."""
        return not self.outcome.visible.all()


def _bend(pool: Pool, scored: Scored, ruling: Ruling) -> Bent:
    rows = _launched(pool, ruling)
    is_launched = np.zeros(len(pool), dtype=np.bool_)
    if len(rows):
        pool, scored, origin = join(pool, scored, rows)
        is_launched = origin < 0
    outcome = apply_rules(
        ruling, pool.items, scored.scores, k=pool.request.k, is_launched=is_launched
    )
    return Bent(pool, scored, outcome, is_launched)


def _pinned(bent: Bent, ruling: Ruling, *, knobs: Knobs) -> Steered:
    pool, scored, outcome, is_launched = bent
    pins = choose_pins(
        ruling,
        pool.items,
        outcome,
        reserve=PoolReserve(pool, ruling),
        k=pool.request.k,
        most=knobs.rules_max_pin_slots,
    )
    brought = pins.rows[pins.positions < 0]
    if len(brought):
        pool, scored, origin = join(pool, scored, brought)
        outcome = _extended(outcome, origin)
        pins = replace(pins, positions=pool.rows.searchsorted(pins.rows))
    counts = _counts(outcome, pins, n_launched=int(np.count_nonzero(is_launched)))
    outcome = replace(outcome, counts=counts)
    return Steered(_with_drops(pool, outcome), scored, outcome, pins)


def _ruling(pool: Pool, knobs: Knobs, *, rules: RuleSet, at_us: int) -> Ruling | None:
    """Return the rules that act on a pool's request, None when none may."""
    if rules.groups is None or not knobs.rules_enabled:
        return None
    asker = Asker(
        segment=pool.shopper.match.segment_id,
        facts=facts_of(pool.request, NOBODY),
        subject=pool.request.user_id,
    )
    index = _index(pool.world, knobs, groups=rules.groups)
    return rule_on(index, asker=asker, at_us=rules.at_us, clock_us=at_us)


def _index(world: World, knobs: Knobs, *, groups: Groups) -> Index:
    """Return where the rules are found in a world, worked out once for it."""
    # Groups outlive worlds, so they remember something that stands for this one.
    token = world.derive("rules", object)
    prefixes = (knobs.brand_tag_prefixes, knobs.category_tag_prefixes)
    return groups.memo.get(
        (token, prefixes), lambda: index_of(groups, WorldCatalog.of(world, knobs))
    )


def _launched(pool: Pool, ruling: Ruling) -> Rows:
    """Return the items that join because a BOOST names them."""
    found: list[Rows] = []
    missing = MOST_LAUNCHED
    for start in range(0, ruling.n_launches, 2 * MOST_LAUNCHED):
        rows = launched(ruling, pool.rows, start=start, limit=2 * MOST_LAUNCHED)
        items = pool.world.select(rows)
        stands = (pool.eligibility.all(items) == 0) & ~ruling.hides(items)
        found.append(rows[stands][:missing])
        missing -= len(found[-1])
        if not missing:
            break
    return np.concatenate(found) if found else NO_ROWS


class PoolReserve(NamedTuple):
    """Items that are no candidates of a pool."""

    pool: Pool
    ruling: Ruling

    def refusals(self, rows: Rows, *, even_if_unavailable: Flags) -> list[str]:
        """Say why items may not be shown, the empty text where they may."""
        items = self.pool.world.select(rows)
        codes = self.pool.eligibility.all(items)
        unavailable = np.isin(codes, STANDING_DROPS) & even_if_unavailable
        if unavailable.any():
            wanted = self.pool.world.select(rows[unavailable])
            codes[unavailable] = self.pool.eligibility.beyond_stock(wanted)
        return [Drop(code).code if code else "" for code in codes.tolist()]

    def hidden(self, rows: Rows) -> Flags:
        """Say which of them rules hide."""
        return self.ruling.hides(self.pool.world.select(rows))


def _extended(outcome: Outcome, origin: Rows) -> Outcome:
    """Return the outcome with candidates that joined later: visible, with score 0."""
    ruled = outcome.ruled
    if ruled is None:
        return outcome
    # Where each earlier candidate stands now.
    place = np.flatnonzero(origin >= 0)
    return Outcome(
        scores=moved(outcome.scores, origin, otherwise=0.0),
        visible=moved(outcome.visible, origin, otherwise=True),
        ruled=replace(
            ruled,
            hits=replace(ruled.hits, places=place.take(ruled.hits.places)),
            held=replace(ruled.held, places=place.take(ruled.held.places)),
            before=moved(ruled.before, origin, otherwise=0.0),
            blocked=moved(ruled.blocked, origin, otherwise=False),
            filtered=moved(ruled.filtered, origin, otherwise=False),
            touched=moved(ruled.touched, origin, otherwise=False),
        ),
    )


def _with_drops(pool: Pool, outcome: Outcome) -> Pool:
    """Return the pool with what rules hide among its drops."""
    hidden = np.flatnonzero(~outcome.visible)
    ruled = outcome.ruled
    if not len(hidden) or ruled is None:
        return pool
    blocked = ruled.blocked.take(hidden)
    codes = np.where(blocked, np.uint8(Drop.RULE_BLOCK), np.uint8(Drop.RULE_FILTER))
    drops = Drops(
        rows=np.concatenate((pool.drops.rows, pool.rows.take(hidden))),
        codes=np.concatenate((pool.drops.codes, codes)),
    )
    return replace(pool, drops=drops)


def _counts(outcome: Outcome, pins: Pins, *, n_launched: int) -> dict[str, int]:
    touched = 0 if outcome.ruled is None else np.count_nonzero(outcome.ruled.touched)
    return {
        "rule_block_count": int(np.count_nonzero(~outcome.visible)),
        "rule_boost_count": int(touched),
        "rule_pin_count": len(pins),
        "rule_boost_injected": n_launched,
    }
