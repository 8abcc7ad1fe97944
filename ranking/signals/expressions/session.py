"""What people look at next."""

from __future__ import annotations

from functools import reduce

import ibis
import ibis.expr.types as ir

from .covisitation import best
from .fixed import from_fixed, to_fixed

# How many steps ahead are looked at, the k-th counting 1/k.
STEPS = 3
# An item followed this often, in events of weight 1, is believed half.
DOUBT = 1.0
MINUTE_US = 60_000_000


def transitions(events: ir.Table, *, window_minutes: float, most: int) -> ir.Table:
    """Return each item's likeliest successors: `item_number, neighbour, score, rank`.

    A step goes from an event to one of the same user's next three, on another item
    and at most `window_minutes` later. With `c(i, j)` the sum over steps of the
    successor's weight divided by the number of the step ::

        score(i, j) = c(i, j) / (Σ_j c(i, j) + 1)

    which is the share of steps that lead to j, doubted where steps are few.

    Events of equal time stand in the order of their items, not in that in which they
    happened to arrive: whoever sends a basket the other way round says the same.
    """
    order = ibis.window(
        group_by="user_number",
        order_by=[ibis.asc("ts_us"), ibis.asc("item_number"), ibis.asc("weight")],
    )
    numbered = range(1, STEPS + 1)
    ahead = events.select(
        item_number=events.item_number,
        ts_us=events.ts_us,
        **{f"item_{k}": events.item_number.lead(k).over(order) for k in numbered},
        **{f"us_{k}": events.ts_us.lead(k).over(order) for k in numbered},
        **{f"weight_{k}": events.weight.lead(k).over(order) for k in numbered},
    )
    steps = reduce(ir.Table.union, [_step(ahead, k) for k in numbered])
    limit_us = window_minutes * MINUTE_US
    near = steps.filter(
        steps.neighbour.notnull(),
        steps.neighbour != steps.item_number,
        steps.next_us - steps.ts_us <= limit_us,
    )
    pairs = near.group_by("item_number", "neighbour").agg(count=near.strength.sum())
    totals = pairs.group_by("item_number").agg(total=pairs["count"].sum())
    beside = pairs.inner_join(totals, "item_number")
    score = from_fixed(beside["count"]) / (from_fixed(beside.total) + DOUBT)
    return best(beside.select("item_number", "neighbour", score=score), most=most)


def _step(ahead: ir.Table, k: int) -> ir.Table:
    return ahead.select(
        item_number=ahead.item_number,
        ts_us=ahead.ts_us,
        neighbour=ahead[f"item_{k}"],
        next_us=ahead[f"us_{k}"],
        strength=to_fixed(ahead[f"weight_{k}"] / float(k)),
    )
