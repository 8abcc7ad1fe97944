"""Two ways to write events for COPY: a list at a time, and a column at a time."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.operations.event_columns import EventColumns
from catalog.operations.event_tables import EventTable, Ids

IDS = ["a", "b", "ü\\", "d"]
ROW = st.tuples(
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 9),
    st.integers(0, 20),
    st.one_of(st.none(), st.sampled_from(['{"a":"\\\\\\n"}', '{\n\t"b":1}\r'])),
    st.one_of(st.none(), st.sampled_from(["k\\1", "k2"])),
    st.booleans(),
)


@settings(deadline=None)  # The first one loads Arrow.
@given(st.lists(ROW, min_size=1, max_size=30), st.booleans(), st.booleans())
def test_both_write_the_same_lines(rows, is_whole, has_texts):
    users, items, types, times, metas, keys, kept = map(list, zip(*rows, strict=True))
    chosen = None if is_whole else kept
    if chosen is not None and not any(chosen):
        return
    known = {text: 10 + place for place, text in enumerate(IDS)}
    columns = EventColumns(
        user_ids=[IDS[code] for code in users],
        item_ids=[IDS[code] for code in items],
        types=types,
        values=[0.5] * len(rows),
        ts_us=times,
        metas=metas if has_texts else None,
        source_event_ids=keys if has_texts else None,
    )
    table = EventTable(
        users=Ids.used(IDS, np.array(users)),
        items=Ids.used(IDS, np.array(items)),
        types=np.array(types),
        values=np.full(len(rows), 0.5),
        ts_us=np.array(times),
        metas=pa.array(metas, pa.string()) if has_texts else None,
        keys=pa.array(keys, pa.string()) if has_texts else None,
    )

    lines = table.lines(users=known, items=known, kept=chosen)

    assert lines.decode() == columns.lines(users=known, items=known, kept=chosen)
    assert set(table.user_ids) == set(columns.user_ids)
    assert table.source_event_ids == columns.source_event_ids
