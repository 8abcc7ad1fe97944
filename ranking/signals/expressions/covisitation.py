"""Items that the same users turn to within some days of each other."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from ranking.signals.parameters import SignalParameters

from .events import DAY_US
from .fixed import from_fixed, to_fixed

# Two events this fraction of the window apart count half as much together.
HALF_LIFE_IN_WINDOW = 1 / 8
_STEPS = 64.0


def item_days(events: ir.Table) -> ir.Table:
    """Return one row per user, item and day: its largest weight and its last moment."""
    dated = events.select(
        "user_number", "item_number", "weight", "ts_us", day=events.ts_us // DAY_US
    )
    days = dated.group_by("user_number", "item_number", "day")
    return days.agg(weight=dated.weight.max(), ts_us=dated.ts_us.max()).drop("day")


def events_per_user(days: ir.Table) -> ir.Table:
    """Return how many users (`users`) have each number (`events`) of item-days."""
    per_user = days.group_by("user_number").agg(events=days.count())
    return per_user.group_by("events").agg(users=per_user.count()).order_by("events")


def newest(days: ir.Table, *, most_events: int) -> ir.Table:
    """Return the newest item-days of each user, with how often each item is there.

    `times` is that number, of the user and among those that are returned.
    """
    order = ibis.window(
        group_by="user_number", order_by=[ibis.desc("ts_us"), ibis.asc("item_number")]
    )
    ranked = days.mutate(age_rank=ibis.row_number().over(order))
    kept = ranked.filter(ranked.age_rank < most_events).drop("age_rank")
    same = ibis.window(group_by=["user_number", "item_number"])
    return kept.mutate(times=kept.count().over(same))


def covisitation(
    days: ir.Table, *, parameters: SignalParameters
) -> tuple[ir.Table, ir.Table]:
    """Return the pairs of items with their strength, and the mass of each item.

    Of each user the newest item-days count, as :func:`newest` returns them. Each user
    gives a pair of items the strength of their closest events ::

        s_u(i, j) = max over events a of i, b of j, |t_a - t_b| ≤ window, of
                    sqrt(weight_a * weight_b) * 0.5^(|t_a - t_b| / (window / 8))
        strength(i, j) = Σ_u s_u(i, j)          mass(i) = Σ_u max weight of u on i

    so that `strength(i, j) ≤ sqrt(mass(i) * mass(j))`. `users` is the support.
    """
    return _pairs(days, window_days=parameters.covis_window_days), _masses(days)


def neighbours(
    pairs: ir.Table,
    masses: ir.Table,
    *,
    parameters: SignalParameters,
    users: int,
) -> ir.Table:
    """Return each item's best neighbours: `item_number`, `neighbour`, `score`, `rank`.

    The similarity of a pair with strength `c`, masses `m` and `n`, of `users` in all:
    cosine `c / sqrt(m n)`, Jaccard `c / (m + n - c)`, lift `c users / (m n)`, or the
    log-likelihood ratio of the table of counts (Dunning, Computational Linguistics
    19(1), 1993), positive associations only. Equal scores go to the lower number.
    """
    small = users < parameters.covis_min_support_below_users
    support = 1 if small else parameters.covis_min_support
    enough = pairs.filter(pairs.users >= support)
    left = masses.select(item_number="item_number", m="mass")
    right = masses.select(neighbour="item_number", n="mass")
    beside = enough.inner_join(left, "item_number").inner_join(right, "neighbour")
    score = _SIMILARITIES[parameters.covis_similarity](beside, users)
    scored = beside.select("item_number", "neighbour", score=score)
    scored = scored.filter(scored.score > 0.0)
    return best(_both_ways(scored), most=parameters.covis_neighbours)


def best(scored: ir.Table, *, most: int) -> ir.Table:
    """Keep each item's `most` highest scores, in order of item and rank.

    Parameters
    ----------
    scored : Table
        `item_number`, `neighbour` and `score`, which is above 0.
    most : int
    """
    near = _within_reach(scored, most=most)
    order = ibis.window(
        group_by="item_number", order_by=[ibis.desc("score"), ibis.asc("neighbour")]
    )
    ranked = near.mutate(rank=ibis.row_number().over(order).cast("int32"))
    kept = ranked.filter(ranked.rank < most)
    return kept.order_by("item_number", "rank")


def _within_reach(scored: ir.Table, *, most: int) -> ir.Table:
    """Leave out most of what cannot be among the best, as sorting it would cost more.

    Scores fall into steps. Where the steps above one hold enough already, it and those
    below are left out. Roots are rounded exactly, so higher scores are in no lower
    step; and two of them keep steps few from the least score to the largest.
    """
    step = (scored.score.sqrt().sqrt() * _STEPS).floor().cast("int64")
    stepped = scored.mutate(step=step)
    counts = stepped.group_by("item_number", "step").agg(held=stepped.count())
    upwards = ibis.window(
        group_by="item_number", order_by=ibis.desc("step"), preceding=None, following=0
    )
    piled = counts.mutate(above=counts.held.sum().over(upwards) - counts.held)
    needed = piled.filter(piled.above < most).group_by("item_number")
    borders = needed.agg(border=piled.step.min())
    beside = stepped.inner_join(borders, "item_number")
    near = beside.filter(beside.step >= beside.border)
    return near.select("item_number", "neighbour", "score")


def _pairs(days: ir.Table, *, window_days: float) -> ir.Table:
    # Most items come once to a user: their pairs are the closest without a search,
    # which takes more memory and time than all the rest.
    alone = _met(days.filter(days.times == 1), window_days=window_days)
    met = _met(days, window_days=window_days)
    several = met.filter(met.combinations > 1)
    per_user = several.group_by("user_number", "item_number", "neighbour")
    closest = per_user.agg(strength=several.strength.max())
    columns = ["item_number", "neighbour", "strength"]
    once = alone.select(columns).union(closest.select(columns))
    pairs = once.group_by("item_number", "neighbour")
    return pairs.agg(strength=once.strength.sum(), users=once.count())


def _met(days: ir.Table, *, window_days: float) -> ir.Table:
    """Return each user's pairs of item-days within the window, with their strength."""
    one = days.select("user_number", "item_number", w1="weight", t1="ts_us", n1="times")
    other = days.select(
        "user_number", neighbour="item_number", w2="weight", t2="ts_us", n2="times"
    )
    met = one.inner_join(other, "user_number")
    apart_us = (met.t1 - met.t2).abs()
    close = met.filter(
        met.item_number < met.neighbour, apart_us <= int(window_days * DAY_US)
    )
    half_life_us = window_days * DAY_US * HALF_LIFE_IN_WINDOW
    apart = (close.t1 - close.t2).abs().cast("float64")
    nearness = ibis.literal(0.5).pow(apart / half_life_us)
    return close.select(
        "user_number",
        "item_number",
        "neighbour",
        combinations=close.n1 * close.n2,
        strength=to_fixed((close.w1 * close.w2).sqrt() * nearness),
    )


def _masses(days: ir.Table) -> ir.Table:
    fixed = days.select("user_number", "item_number", mass=to_fixed(days.weight))
    once = fixed.group_by("user_number", "item_number").agg(mass=fixed.mass.max())
    return once.group_by("item_number").agg(mass=once.mass.sum())


def _both_ways(scored: ir.Table) -> ir.Table:
    back = scored.select(
        item_number="neighbour", neighbour="item_number", score="score"
    )
    return scored.select("item_number", "neighbour", "score").union(back)


def _cosine(pairs: ir.Table, _users: int) -> ir.FloatingValue:
    m, n = from_fixed(pairs.m), from_fixed(pairs.n)
    return from_fixed(pairs.strength) / (m * n).sqrt()


def _jaccard(pairs: ir.Table, _users: int) -> ir.FloatingValue:
    # Strength is at most the geometric mean of the masses, so this is above zero.
    return from_fixed(pairs.strength) / from_fixed(pairs.m + pairs.n - pairs.strength)


def _lift(pairs: ir.Table, users: int) -> ir.FloatingValue:
    m, n = from_fixed(pairs.m), from_fixed(pairs.n)
    return from_fixed(pairs.strength) * float(users) / (m * n)


def _log_likelihood(pairs: ir.Table, users: int) -> ir.FloatingValue:
    both, m, n = (from_fixed(c) for c in (pairs.strength, pairs.m, pairs.n))
    only_m, only_n = (m - both).clip(lower=0.0), (n - both).clip(lower=0.0)
    neither = (float(users) - m - n + both).clip(lower=0.0)
    total = both + only_m + only_n + neither
    cells = _x_log_x(both) + _x_log_x(only_m) + _x_log_x(only_n) + _x_log_x(neither)
    rows = _x_log_x(both + only_m) + _x_log_x(only_n + neither)
    columns = _x_log_x(both + only_n) + _x_log_x(only_m + neither)
    ratio = 2.0 * (cells + _x_log_x(total) - rows - columns)
    together = both * total > (both + only_m) * (both + only_n)
    return ibis.ifelse(together, ratio, 0.0)


def _x_log_x(x: ir.FloatingValue) -> ir.FloatingValue:
    return ibis.ifelse(x > 0.0, x * ibis.ifelse(x > 0.0, x, 1.0).ln(), 0.0)


_SIMILARITIES = {
    "cosine": _cosine,
    "jaccard": _jaccard,
    "lift": _lift,
    "llr": _log_likelihood,
}
