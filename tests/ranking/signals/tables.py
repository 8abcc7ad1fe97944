"""Events as plain rows, and the engine that reads them."""

from __future__ import annotations

from dataclasses import dataclass

import hypothesis.strategies as st
import pyarrow as pa

from catalog.queries.export import SCHEMA
from ranking.signals.expressions import Window
from ranking.signals.parameters import EventWeight, SignalParameters

DAY_US = 86_400_000_000
NOW_US = 20_000 * DAY_US
WEIGHTS = tuple(
    EventWeight(type=type_, weight=weight, half_life_days=half_life)
    for type_, weight, half_life in [(0, 0.1, 7.0), (1, 0.3, 14.0), (3, 1.0, 4.0)]
)
PARAMETERS = SignalParameters(weights=WEIGHTS, covis_min_support=1)
NOW = Window(as_of_us=NOW_US, last_event_id=10**9)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One event; everything but its item is the same unless a test says so."""

    item: int
    user: int = 1
    type: int = 3
    value: float = 1.0
    age_days: float = 0.0

    @property
    def ts_us(self) -> int:
        return NOW_US - round(self.age_days * DAY_US)


rows = st.builds(
    Row,
    item=st.integers(1, 6),
    user=st.integers(1, 4),
    type=st.sampled_from([0, 1, 3]),
    value=st.sampled_from([1.0, 2.0, 0.5, 0.0, -1.0]),
    age_days=st.integers(0, 90 * 24).map(lambda hours: hours / 24),
)


def event_table(events: list[Row]) -> pa.Table:
    return pa.table(
        {
            "event_id": range(1, len(events) + 1),
            "user_number": [event.user for event in events],
            "item_number": [event.item for event in events],
            "type": [event.type for event in events],
            "value": [event.value for event in events],
            "ts_us": [event.ts_us for event in events],
        },
        schema=SCHEMA,
    )


def item_table(*, count: int = 6) -> pa.Table:
    return pa.table({"item_number": pa.array(range(1, count + 1), pa.int64())})
