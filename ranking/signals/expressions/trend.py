"""What is wanted more than it used to be."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from .fixed import from_fixed, to_fixed

LONGER = 8.0
# So much interest, in events of weight 1 now, is doubted half.
DOUBT = 1.0
# An event counts at most so much, so that sums stay within fixed-point numbers.
MOST_WORTH = 1000.0


def trend(events: ir.Table, *, half_life_days: float) -> ir.Table:
    """Return the `trend` of each item with interest that is not past, in [0, 1).

    With ``S(h) = Σ weight * value * 0.5^(age / h)`` over its events ::

        trend = S(half_life) / (S(8 half_life) + 1)

    near 0 for what was wanted long ago or hardly ever, near 1 for what is wanted
    since lately only. Events that take interest back are left out.
    """
    counting = events.filter(events.weight * events.value > 0.0)
    amount = ibis.least(counting.weight * counting.value, MOST_WORTH)
    worth = counting.select(
        "item_number",
        lately=to_fixed(_decayed(amount, counting.age_days, half_life_days)),
        usually=to_fixed(_decayed(amount, counting.age_days, half_life_days * LONGER)),
    )
    sums = worth.group_by("item_number").agg(
        lately=worth.lately.sum(), usually=worth.usually.sum()
    )
    share = from_fixed(sums.lately) / (from_fixed(sums.usually) + DOUBT)
    found = sums.select("item_number", trend=share.cast("float32"))
    return found.filter(found.trend > 0.0).order_by("item_number")


def _decayed(
    amount: ir.FloatingValue, age_days: ir.FloatingValue, half_life_days: float
) -> ir.FloatingValue:
    # Beyond a thousand half-lives nothing is left, and powers would underflow.
    half_lives = ibis.least(age_days / half_life_days, 1000.0)
    return amount * ibis.literal(0.5).pow(half_lives)
