"""A clean column is read in one step and another value by value: with one outcome."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.importers import values
from tests.support.examples import examples

NUMBERS: list[str | None] = [
    "1",
    " 2 ",
    "+3",
    "-4.5",
    ".5",
    "6.",
    "1e3",
    "1e400",
    "nan",
    "inf",
    "x",
    "",
]
NUMBERS += ["0x10", "1_000", "1e0005", "٣", "1,5", "-", "infinity", "1e-5", "007", None]
MOMENTS: list[str | None] = [
    "2026-01-02",
    "2026-01-02 03:04",
    "2026-01-02T03:04:05.5",
    "964982703",
    "",
]
MOMENTS += ["2026-01-02T03:04:05Z", "2026-01-02 03:04:05+01:00", "1767323040000", None]
MOMENTS += ["20260102", "2026-02-30", "2026-01-02 25:00", " 2026-01-02 ", "1e9", "-5"]
MOMENTS += ["2026-01-02T03:04:05z", "2026-01-02T03:04:05-0930", "yesterday", "12345"]
MOMENTS += ["2026-01-02 03", "2026-1-2", "1767323040.25", "0000964982703", "9e99"]
together = examples(100)


@together
@given(st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=6))
def test_a_number_is_read_whatever_stands_beside_it(texts):
    found, bad = values.numbers(pa.array(texts, pa.string()))

    alone = [values.numbers(pa.array([text, "x"], pa.string())) for text in texts]
    np.testing.assert_array_equal(found, [one[0][0] for one in alone])
    np.testing.assert_array_equal(bad, [one[1][0] for one in alone])


@together
@given(
    st.lists(st.sampled_from(MOMENTS), min_size=1, max_size=6),
    st.sampled_from([None, "Europe/London"]),
)
def test_a_moment_is_read_whatever_stands_beside_it(texts, zone):
    found, bad = values.moments(pa.array(texts, pa.string()), time_zone=zone)

    alone = [
        values.moments(pa.array([text, "x"], pa.string()), time_zone=zone)
        for text in texts
    ]
    np.testing.assert_array_equal(bad, [one[1][0] for one in alone])
    np.testing.assert_array_equal(
        found[~bad], [one[0][0] for one in alone if not one[1][0]]
    )


@pytest.mark.parametrize("column", [[7.0, None], ["7.0", None], [7, None], ["7", ""]])
def test_an_id_is_the_same_however_a_table_keeps_it(column):
    ids = values.ids(pa.array(column))

    assert ids.to_list() == ["7", ""]
    assert values.bad_ids(ids).tolist() == [False, True]
