"""Items that many want: in all, in the user's categories, in its segment."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from ..columns import F64, I32, NO_ROWS, Rows
from ..eligibility import DropCodes, make_eligibility
from ..request import Constraints
from ..snapshot import NO_CODE
from ..world import World
from .draw import Case, Draw, Evidence, draw_best
from .walking import FIRST_STEP, Lists, Test, Walked, walk

CATEGORIES_LOOKED_AT = 5
HEAD = 2_000
"""So many of the most popular items are looked up once and then remembered."""

LONGEST_WALK = 16
"""Times the fan-out; beyond it a narrow request reads whole columns instead."""


def popular(case: Case) -> Draw:
    """Draw the most popular items; of a narrow set also those without popularity."""
    limit = case.knobs.popularity_fanout
    test = case.eligibility.standing
    if case.eligibility.is_narrow:
        rows = _leading(case, limit=limit, test=test)
        drawn = _by_popularity("popularity", rows, case=case, limit=limit)
        head = case.world.snapshot.popularity_order[:limit].astype(np.int64)
        return _refusing(drawn, head, test(case.world.select(head)))
    if limit <= HEAD:
        return _leading_of(_head(case.world), limit=limit)
    walked = walk(_order(case.world), test=test, world=case.world, limit=limit)
    return _leading_of(_as_head(case.world, walked), limit=limit)


class _Head(Struct, frozen=True):
    """The beginning of the popularity order, with who of it is available."""

    rows: Rows
    popularity: F64
    refused: Rows
    drops: DropCodes
    before: Rows
    """How many of ``rows`` come before each refused one."""


def _head(world: World) -> _Head:
    """Walk the beginning of the popularity order once per world."""

    def walked_once() -> _Head:
        anyone = make_eligibility(world, constraints=Constraints(), bought=NO_ROWS)
        walked = walk(_order(world), test=anyone.standing, world=world, limit=HEAD)
        return _as_head(world, walked)

    return world.derive("popular head", walked_once)


def _as_head(world: World, walked: Walked) -> _Head:
    rows, seen, drops = walked
    popularity = world.select(rows).signal(world.snapshot.popularity)
    # The order falls, so what is wanted at all is its beginning.
    wanted = int(np.count_nonzero(popularity > 0))
    refused = drops > 0
    return _Head(
        rows=rows[:wanted],
        popularity=popularity[:wanted],
        refused=seen[refused],
        drops=drops[refused],
        before=np.cumsum(~refused)[refused],
    )


def _leading_of(head: _Head, *, limit: int) -> Draw:
    n_refused = int(np.searchsorted(head.before, limit))
    return Draw(
        source="popularity",
        rows=head.rows[:limit],
        scores=head.popularity[:limit],
        refused=head.refused[:n_refused],
        drops=head.drops[:n_refused],
    )


def fallback(case: Case, *, limit: int) -> Rows:
    """Return any eligible items, by popularity, then by id.

    Parameters
    ----------
    limit : int
        At most so many rows come back.
    """
    rows = _leading(case, limit=limit, test=case.eligibility.all)
    newcomers = case.world.overlay.rows
    rows = np.union1d(rows, newcomers)
    rows = rows[case.eligibility.all(case.world.select(rows)) == 0]
    return _by_popularity("fallback", rows, case=case, limit=limit).rows


def popular_in_categories(case: Case) -> Draw:
    """Draw the popular items of the categories the user looked at most recently."""
    limit = case.knobs.category_fanout
    recent, snapshot = case.shopper.recent.rows, case.world.snapshot
    if not limit or not len(recent):
        return Draw.nothing("category_popularity")
    codes = case.world.select(recent).attribute("category")
    looked_at = dict.fromkeys(codes[codes != NO_CODE].tolist())
    seen = list(looked_at)[:CATEGORIES_LOOKED_AT]
    lists = Lists(snapshot.category_order_starts, snapshot.category_order, seen)
    changed = case.world.overlay.rows
    if not len(changed):
        return _drawn_from(lists, "category_popularity", case=case, limit=limit)
    rows = lists.walk(case.eligibility.standing, world=case.world, limit=limit)
    rows = np.union1d(rows, changed)
    rows = rows[np.isin(case.world.select(rows).attribute("category"), seen)]
    return _by_popularity("category_popularity", rows, case=case, limit=limit)


def _drawn_from(lists: Lists, source: str, *, case: Case, limit: int) -> Draw:
    """Draw from lists without common members, if need be in two steps.

    The beginnings of the lists suffice, unless so many of their members do not
    stand that what lies behind a beginning might have been drawn.
    """
    heads, is_cut = lists.heads(limit + FIRST_STEP)
    if not len(heads):
        return Draw.nothing(source)
    rows = np.concatenate(heads).astype(np.int64)
    drawn = _by_popularity(source, rows, case=case, limit=limit)
    if not any(is_cut):
        return drawn
    ends = np.cumsum([len(head) for head in heads]) - 1
    last = case.world.snapshot.popularity[rows[ends]]
    if len(drawn.rows) == limit and last[is_cut].max() < drawn.scores[-1]:
        return drawn
    rows = lists.walk(case.eligibility.standing, world=case.world, limit=limit)
    return _by_popularity(source, rows, case=case, limit=limit)


def popular_in_segment(case: Case) -> Draw:
    """Draw what is popular among the users of the matched segment."""
    limit, segment = case.knobs.segment_fanout, case.shopper.match.segment_id
    snapshot = case.world.snapshot
    if not limit or segment is None:
        return Draw.nothing("segment_popularity")

    def drawn() -> Draw:
        code = snapshot.segment_names.code(segment)
        rows, scores = snapshot.segment_popularity.of(code)
        # The list falls, so its members that stand are found at its beginning.
        test = case.eligibility.standing
        _, seen, _ = walk(rows, test=test, world=case.world, limit=limit)
        found = Evidence(seen, scores[: len(seen)].astype(np.float64))
        return draw_best("segment_popularity", found, case=case, limit=limit)

    return _once("segment_popularity", segment, limit, case=case, draw=drawn)


def popular_with_starter_tags(case: Case) -> Draw:
    """Draw popular items that carry the tags a new user is assumed to like."""
    limit, starter = case.knobs.category_fanout, case.shopper.starter
    snapshot = case.world.snapshot
    if not limit or not starter:
        return Draw.nothing("starter")

    def drawn() -> Draw:
        codes = [case.world.tags.code(tag) for tag in starter]
        known = [code for code in codes if 0 <= code < len(snapshot.tags)]
        lists = Lists(snapshot.tag_order_starts, snapshot.tag_order, known)
        rows = lists.walk(case.eligibility.standing, world=case.world, limit=limit)
        return _by_popularity("starter", rows, case=case, limit=limit)

    return _once("starter", tuple(starter), limit, case=case, draw=drawn)


def _once(
    source: str, of: Hashable, limit: int, *, case: Case, draw: Callable[[], Draw]
) -> Draw:
    """Draw, or remember: whoever says nothing of the items gets the same ones."""
    if case.eligibility.is_narrow:
        return draw()
    return case.world.derive((source, of, limit), draw)


def newest(case: Case) -> Draw:
    """Draw the newest items, for the exploration slots. Scores fall from 1 to 0."""
    limit = case.knobs.exploration_fanout
    if not case.knobs.exploration_slots or not limit:
        return Draw.nothing("exploration")
    last = len(case.world)
    order = np.arange(last - 1, max(last - LONGEST_WALK * limit, 0) - 1, -1)
    test = case.eligibility.standing
    rows, _, _ = walk(order, test=test, world=case.world, limit=limit)
    return Draw(
        source="exploration", rows=rows, scores=1.0 - np.arange(len(rows)) / limit
    )


def _by_popularity(source: str, rows: Rows, *, case: Case, limit: int) -> Draw:
    popularity = case.world.select(rows).signal(case.world.snapshot.popularity)
    if not len(rows):
        return Draw.nothing(source)
    return draw_best(source, Evidence(rows, popularity), case=case, limit=limit)


def _refusing(drawn: Draw, rows: Rows, drops: DropCodes) -> Draw:
    """Add to a draw what was looked at and left out."""
    return replace(drawn, refused=rows[drops > 0], drops=drops[drops > 0])


def _order(world: World) -> I32:
    built = len(world.snapshot.popularity_order) > 0
    return world.snapshot.popularity_order if built else world.snapshot.id_order


def _leading(case: Case, *, limit: int, test: Test) -> Rows:
    """Return at least the ``limit`` most popular rows that pass a test, if so many."""
    snapshot, eligibility = case.world.snapshot, case.eligibility
    wanted, newcomers = eligibility.wanted_tags, case.world.overlay.rows
    down = partial(walk, test=test, world=case.world, limit=limit)
    if wanted is not None:
        known = wanted[wanted < len(snapshot.tags)].tolist()
        lists = Lists(snapshot.tag_order_starts, snapshot.tag_order, known)
        rows = lists.walk(test, world=case.world, limit=limit)
        return np.union1d(rows, newcomers)
    order = _order(case.world)
    if not eligibility.is_narrow:
        return down(order)[0]
    near = order[: LONGEST_WALK * limit]
    rows, _, _ = down(near)
    if len(rows) < limit and len(near) < len(order):
        rows = _matching_columns(case)
    return np.union1d(rows, newcomers)


def _matching_columns(case: Case) -> Rows:
    """Return the snapshot's rows within the constraints, by reading whole columns."""
    snapshot, limits = case.world.snapshot, case.eligibility.constraints
    matches = snapshot.available.copy()
    if limits.price_min is not None:
        matches &= snapshot.price >= limits.price_min
    if limits.price_max is not None:
        matches &= snapshot.price <= limits.price_max
    if limits.created_after_us is not None:
        matches &= snapshot.created_us > limits.created_after_us
    return np.flatnonzero(matches)
