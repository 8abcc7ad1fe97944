"""Gather the candidates of a request: draw, merge, exclude, look up."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from .columns import F64, I32
from .eligibility import (
    CONSTRAINT_DROPS,
    Drop,
    already_bought,
    make_eligibility,
)
from .inputs import Inputs
from .last_resort import Gathered, last_resort
from .layers import Resolved
from .pool import Drops, Merged, Pool, Signals, merge, refused
from .request import Request
from .shopper import Shopper
from .sources import neighbours, popular
from .sources.directions import (
    Directions,
    alike,
    content_scores,
    directions,
    suited,
    taste_scores,
)
from .sources.draw import Case, Draw, Evidence, draw_best
from .sources.prefetched import are_scored, prefetched
from .stopwatch import Stopwatch
from .tastes import Tastes
from .world import Selection

SMALL_DICTIONARY = 100_000
"""Up to so many tags a table of weights costs less than a search."""


class Findings(Struct, frozen=True, kw_only=True):
    """What is known of items, whether or not they become candidates."""

    co_visitation: Evidence
    ease: Evidence
    session: Evidence
    repeat: Evidence
    directions: Directions


def gather(
    inputs: Inputs,
    *,
    shopper: Shopper,
    resolved: Resolved,
    watch: Stopwatch | None = None,
) -> Pool:
    """Gather the candidates of a request.

    Parameters
    ----------
    inputs : Inputs
    shopper, resolved
        From :func:`~ranking.core.meet.meet`.
    watch : Stopwatch, optional
        Notes the time of each source.

    Returns
    -------
    pool : Pool
        Empty only if no eligible item exists, or none of a rerank's is.
    """
    watch = watch or Stopwatch()
    user_row = inputs.world.snapshot.row_of_user(inputs.history.user_number)
    case = _case(inputs, shopper, resolved, user_row=user_row)
    found = _find(case, user_row=user_row, watch=watch)
    draws = _draw(case, found, inputs=inputs, watch=watch)
    merged = merge(draws, world=case.world, exclusion=case.eligibility.exclusion)
    constrained = refused(draws, kept=merged.rows)
    counts = _counts(merged, constrained=constrained)
    if len(merged.rows) < inputs.request.k:
        filled = _filled(Gathered(case, draws, merged), request=inputs.request)
        case, draws, merged = filled.case, filled.draws, filled.merged
    items = case.world.select(merged.rows)
    return Pool(
        request=inputs.request,
        world=inputs.world,
        eligibility=case.eligibility,
        shopper=shopper,
        resolved=resolved,
        items=items,
        numbers=items.numbers,
        id_rank=items.id_rank,
        signals=watch.time(
            "merged", _signals, items, found, merged=merged, inputs=inputs, case=case
        ),
        sources=tuple(draw.source for draw in draws),
        source_scores=merged.scores,
        source_ranks=merged.ranks,
        drops=_joined(constrained, merged.excluded),
        counts=counts,
        durations_ns=watch.durations_ns,
    )


def _case(
    inputs: Inputs, shopper: Shopper, resolved: Resolved, *, user_row: int
) -> Case:
    bought = already_bought(
        inputs.world,
        shopper.trail,
        user_row=user_row,
        knobs=resolved.knobs,
        at_us=inputs.at_us,
    )
    eligibility = make_eligibility(
        inputs.world, constraints=inputs.request.constraints, bought=bought
    )
    return Case(
        world=inputs.world,
        eligibility=eligibility,
        shopper=shopper,
        knobs=resolved.knobs,
    )


def _joined(one: Drops, other: Drops) -> Drops:
    return Drops(
        rows=np.concatenate((one.rows, other.rows)),
        codes=np.concatenate((one.codes, other.codes)),
    )


def _find(case: Case, *, user_row: int, watch: Stopwatch) -> Findings:
    own = watch.time("own", neighbours.own_items, case, user_row=user_row)
    return Findings(
        co_visitation=watch.time("co_visitation", neighbours.co_visited, case),
        ease=watch.time("ease", neighbours.modelled, case, own),
        session=watch.time("session", neighbours.followed, case),
        repeat=watch.time(
            "repeat", neighbours.known_already, case, own, user_row=user_row
        ),
        directions=watch.time("collaborative", directions, case),
    )


def _draw(
    case: Case, found: Findings, *, inputs: Inputs, watch: Stopwatch
) -> list[Draw]:
    """Return the draws of all sources, those that every user has first."""
    if inputs.request.items is not None:
        return [watch.time("prefetched", prefetched, case, inputs.request.items)]
    time, knobs = watch.time, case.knobs
    draws = [time("popularity", popular.popular, case)]
    if case.shopper.starter:
        draws.append(time("starter", popular.popular_with_starter_tags, case))
    if case.shopper.match.segment_id is not None:
        draws.append(time("segment_popularity", popular.popular_in_segment, case))
    if knobs.exploration_slots:
        draws.append(time("exploration", popular.newest, case))
    if len(case.shopper.anchors.rows):
        draws += _of_anchors(case, found, watch=watch)
    for name, evidence, limit in (
        ("co_visitation", found.co_visitation, knobs.covis_fanout),
        ("ease", found.ease, knobs.ease_fanout),
        ("session", found.session, knobs.session_fanout),
        ("repeat", found.repeat, knobs.repeat_fanout),
    ):
        if len(evidence.rows):
            draws.append(time(name, draw_best, name, evidence, case=case, limit=limit))
    return draws


def _of_anchors(case: Case, found: Findings, *, watch: Stopwatch) -> list[Draw]:
    """Return the draws that start from the user's own items, or from stand-ins."""
    draws, time = [], watch.time
    if len(case.shopper.recent.rows):
        draws.append(time("category_popularity", popular.popular_in_categories, case))
        draws.append(time("collaborative", suited, case, found.directions))
    return [*draws, *time("content", alike, case, found.directions)]


def _counts(merged: Merged, *, constrained: Drops) -> dict[str, int]:
    after = len(merged.rows)
    refused = constrained.counts()
    filtered = sum(refused[drop] for drop in CONSTRAINT_DROPS)
    exclusions = merged.excluded.counts()
    return {
        "total_candidates": after + filtered + len(merged.excluded.rows),
        "explicit_exclude_hits": exclusions[Drop.EXPLICIT_EXCLUDE],
        "recent_event_exclude_hits": exclusions[Drop.ALREADY_BOUGHT],
        "after_exclusions": after + filtered,
        "constraint_filtered_count": filtered,
        "after_constraint_filters": after,
    }


def _filled(gathered: Gathered, *, request: Request) -> Gathered:
    """Fill a pool that is too small for the page with any eligible items."""
    if request.items is None:
        case, draws, merged = gathered.case, gathered.draws, gathered.merged
        missing = request.k - len(merged.rows)
        rows = popular.fallback(case, limit=request.k + len(merged.rows))
        rows = rows[~np.isin(rows, merged.rows)][:missing]
        if len(rows):
            kept = Draw(source="fallback", rows=rows, scores=np.zeros(len(rows)))
            draws = [*draws, kept]
            exclusion = case.eligibility.exclusion
            merged = merge(draws, world=case.world, exclusion=exclusion)
            gathered = Gathered(case, draws, merged)
    return last_resort(gathered, request=request)


def _signals(
    items: Selection, found: Findings, *, merged: Merged, inputs: Inputs, case: Case
) -> Signals:
    content, embedding = content_scores(items, found.directions)
    n = len(case.world)
    return Signals(
        popularity=_popularity(items, merged, inputs=inputs),
        co_visitation=found.co_visitation.at(items.rows, n=n),
        collaborative=taste_scores(items, found.directions),
        ease=found.ease.at(items.rows, n=n),
        content=content,
        embedding=embedding,
        session=found.session.at(items.rows, n=n),
        repeat=found.repeat.at(items.rows, n=n),
        overlap=overlap(items, case.shopper.tastes),
    )


def _popularity(items: Selection, merged: Merged, *, inputs: Inputs) -> F64:
    sent = inputs.request.items
    if sent is not None and are_scored(sent):
        scores: F64 = merged.scores[0]
        return scores
    popularity: F64 = items.signal(inputs.world.snapshot.popularity)
    return popularity


def overlap(items: Selection, tastes: Tastes) -> F64:
    """Return which share of the user's tastes each item's tags cover. Shape (m,)."""
    if not len(tastes.codes):
        return np.zeros(len(items))
    codes, owner = items.tags()
    shares: F64 = np.bincount(
        owner, _weights(codes, items, tastes), minlength=len(items)
    )
    return shares


def _weights(codes: I32, items: Selection, tastes: Tastes) -> F64:
    n_tags = len(items.world.tags)
    if n_tags <= SMALL_DICTIONARY:
        table: F64 = np.zeros(n_tags)
        table[tastes.codes] = tastes.weights
        return table[codes]
    places = np.searchsorted(tastes.codes, codes)
    places[places == len(tastes.codes)] = 0
    return np.where(tastes.codes[places] == codes, tastes.weights[places], 0.0)
