"""Decayed popularity, in logarithms so that old shops do not fade to zero."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from .fixed import from_fixed, to_fixed


def popularity(events: ir.Table) -> ir.Table:
    """Return `log2_score`, `interactions` and `users` of each item with events.

    With `x = log2(weight * |value|) - age / half_life` of each event and `peak` the
    largest of an item ::

        log2_score = peak + log2(Σ sign(value) * 2^(x - peak))

    which is the logarithm of `Σ weight * value * 0.5^(age / half_life)`. It is NULL
    where that sum is not above zero.
    """
    worth = _worth(events)
    scores = _log2_of_sum(worth, by=["item_number"])
    counts = events.group_by("item_number").agg(
        interactions=events.count(), users=events.user_number.nunique()
    )
    joined = counts.left_join(scores, "item_number")
    return joined.select("item_number", "log2_score", "interactions", "users").order_by(
        "item_number"
    )


def worth_by_segment(events: ir.Table, segments: ir.Table) -> ir.Table:
    """Return what each event of a user in a segment is worth, with that segment.

    `segments` holds `user_number` and `segment`, its name. To be computed once and
    kept: seen through, an optimizer may join segments with items first, by nothing but
    the segment, which is every user with every item.
    """
    return _worth(events).inner_join(segments, "user_number")


def segment_popularity(members: ir.Table) -> ir.Table:
    """Return `log2_score` by segment and item, of kept :func:`worth_by_segment`.

    Where the sum is not above zero there is no row.
    """
    scores = _log2_of_sum(members, by=["segment", "item_number"])
    return scores.filter(scores.log2_score.notnull()).order_by("segment", "item_number")


def _worth(events: ir.Table) -> ir.Table:
    amount = events.weight * events.value
    counting = events.filter(amount != 0.0)
    amount = counting.weight * counting.value
    return counting.select(
        "user_number",
        "item_number",
        sign=amount.sign().cast("float64"),
        log2=amount.abs().log2() - counting.age_days / counting.half_life_days,
    )


def _log2_of_sum(worth: ir.Table, *, by: list[str]) -> ir.Table:
    peaks = worth.group_by(by).agg(peak=worth.log2.max())
    beside = worth.inner_join(peaks, by)
    share = beside.sign * ibis.literal(2.0).pow(beside.log2 - beside.peak)
    sums = beside.mutate(fixed=to_fixed(share)).group_by(by)
    totals = sums.agg(peak=lambda t: t.peak.max(), total=lambda t: t.fixed.sum())
    positive = totals.total > 0
    log2 = totals.peak + from_fixed(ibis.ifelse(positive, totals.total, 1)).log2()
    score = ibis.ifelse(positive, log2, ibis.null("float64"))
    return totals.select(*by, log2_score=score)
