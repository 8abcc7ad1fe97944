"""Which events a build sees, and what each is worth."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from ranking.signals.parameters import EventWeight

DAY_US = 86_400_000_000


@dataclass(frozen=True, kw_only=True)
class Window:
    """The events that existed at a moment: nothing later may leak into a signal."""

    as_of_us: int
    last_event_id: int


def counted_events(
    events: ir.Table,
    items: ir.Table,
    *,
    weights: tuple[EventWeight, ...],
    window: Window,
) -> ir.Table:
    """Return the events of known items and active types up to the window's end.

    Adds `weight`, `half_life_days` and `age_days` (≥ 0) to each event.
    """
    seen = events.filter(
        events.ts_us <= window.as_of_us,
        events.event_id <= window.last_event_id,
        events.type.isin([weight.type for weight in weights]),
    ).semi_join(items, "item_number")
    return seen.mutate(
        weight=_by_type(seen.type, {w.type: w.weight for w in weights}),
        half_life_days=_by_type(seen.type, {w.type: w.half_life_days for w in weights}),
        age_days=(ibis.literal(window.as_of_us) - seen.ts_us).cast("float64") / DAY_US,
    )


def _by_type(types: ir.IntegerValue, numbers: dict[int, float]) -> ir.FloatingValue:
    branches = [
        (types == type_, ibis.literal(number, "float64"))
        for type_, number in numbers.items()
    ]
    return ibis.cases(*branches, else_=ibis.literal(0.0, "float64"))
