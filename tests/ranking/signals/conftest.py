from __future__ import annotations

import itertools

import pytest

from ranking.signals import expressions
from ranking.signals.engine import start_engine

from .tables import NOW, WEIGHTS, event_table, item_table


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with start_engine(tmp_path_factory.mktemp("duckdb"), threads=2) as started:
        yield started


@pytest.fixture(scope="module")
def counted(engine):
    """Return a function from rows to the counted events in the engine."""
    names = (f"events_{number}" for number in itertools.count())
    items = engine.table("known_items", item_table())

    def count(events, *, weights=WEIGHTS, window=NOW):
        table = engine.table(next(names), event_table(events))
        return expressions.counted_events(table, items, weights=weights, window=window)

    return count
