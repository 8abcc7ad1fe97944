"""Who had to do with what: the matrix behind factors and EASE, repeats, purchases."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from ranking.signals.parameters import SignalParameters

from .events import DAY_US
from .fixed import ONE, from_fixed, to_fixed


def interactions(events: ir.Table, *, parameters: SignalParameters) -> ir.Table:
    """Return one row per user and item, in that order.

    `strength` is the sum of the event weights, at most 1: a purchase says as much as
    can be said, and so do ten views. `repeat` is the sum of weights halved every
    `repeat_half_life_days`; `bought_day` the day since 1970 of the last purchase.
    """
    half_lives = events.age_days / parameters.repeat_half_life_days
    is_purchase = events.type.isin(parameters.purchase_types)
    counted = events.select(
        "user_number",
        "item_number",
        weight=to_fixed(events.weight),
        decayed=to_fixed(events.weight * ibis.literal(0.5).pow(half_lives)),
        day=ibis.ifelse(is_purchase, events.ts_us // DAY_US, ibis.null("int64")),
    )
    rows = counted.group_by("user_number", "item_number").agg(
        weight=counted.weight.sum(),
        decayed=counted.decayed.sum(),
        bought_day=counted.day.max(),
    )
    return rows.select(
        "user_number",
        "item_number",
        strength=from_fixed(ibis.least(rows.weight, int(ONE))).cast("float32"),
        repeat=from_fixed(rows.decayed).cast("float32"),
        bought_day=rows.bought_day.cast("int32"),
    ).order_by("user_number", "item_number")


def repeat(interactions: ir.Table, *, most: int) -> ir.Table:
    """Return each user's items with the highest `repeat`, best first."""
    order = ibis.window(
        group_by="user_number", order_by=[ibis.desc("repeat"), ibis.asc("item_number")]
    )
    fresh = interactions.filter(interactions.repeat > 0.0)
    ranked = fresh.mutate(rank=ibis.row_number().over(order).cast("int32"))
    kept = ranked.filter(ranked.rank < most)
    return kept.select("user_number", "item_number", "repeat", "rank").order_by(
        "user_number", "rank"
    )


def bought(interactions: ir.Table) -> ir.Table:
    """Return what each user bought and on which day last, by user and item."""
    rows = interactions.filter(interactions.bought_day.notnull())
    return rows.select("user_number", "item_number", "bought_day").order_by(
        "user_number", "item_number"
    )
