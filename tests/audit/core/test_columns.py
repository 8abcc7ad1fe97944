from __future__ import annotations

import hypothesis.extra.numpy as nph
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from audit.core.columns import Columns, rows
from audit.core.packing import pack, unpack

ROUGHNESS = 2.0**-10.99
FLOOR = 2.0**-24
INTEGERS = st.sampled_from([np.int8, np.uint8, np.int16, np.int32, np.uint32, np.int64])


# Packed with three bytes of each float.
OLD = "970491a573636f726590c4009192a573636f726500c401b0c409006810006ea13f4eb4"


@st.composite
def exact_columns(draw) -> Columns:
    n_rows = draw(st.integers(0, 60))
    kinds = draw(st.lists(st.one_of(INTEGERS, st.just(np.float64)), max_size=6))
    return Columns(
        {
            f"column {place}": draw(nph.arrays(kind, n_rows))
            for place, kind in enumerate(kinds)
        }
    )


floats = st.floats(width=32, allow_nan=True, allow_infinity=True, allow_subnormal=False)


class TestPack:
    @given(exact_columns())
    def test_keeps_whole_numbers_and_float64_to_the_bit(self, columns: Columns) -> None:
        back = unpack(pack(columns))

        assert back == columns

    @given(st.integers(-(2**62), 2**62), st.integers(-1000, 1000), st.integers(65, 200))
    def test_keeps_an_even_progression_in_no_space(
        self, start: int, step: int, length: int
    ) -> None:
        column = np.arange(length) * step + start
        packed = pack(Columns({"number": column}))

        assert len(packed) < 60
        assert np.array_equal(unpack(packed)["number"], column)

    @given(nph.arrays(np.float32, st.integers(0, 80), elements=floats))
    def test_keeps_float32_roughly_and_what_is_missing(
        self, column: np.ndarray
    ) -> None:
        back = unpack(pack(Columns({"score": column})))["score"]

        assert back.dtype == np.float32
        assert np.array_equal(np.isnan(back), np.isnan(column))
        sure = np.isfinite(back) & np.isfinite(column)
        with np.errstate(under="ignore"):
            error = np.abs(back[sure].astype(float) - column[sure])
        sizes = np.abs(column[sure].astype(float))
        largest = np.fmax.reduce(np.abs(column), initial=0.0)
        floor = FLOOR * min(float(largest), float(np.finfo(np.float32).max))
        assert (error <= np.maximum(ROUGHNESS * sizes, floor)).all()
        assert np.array_equal(back[np.isinf(column)], column[np.isinf(column)])

    def test_reads_what_was_written_before_there_were_scales(self) -> None:
        old = bytes.fromhex(OLD)

        back = unpack(old)["score"]

        assert np.allclose(back, [0.5, np.nan, 1e9, -3e-7], rtol=2e-4, equal_nan=True)

    def test_writes_equal_columns_once(self) -> None:
        noise = np.random.default_rng(0).random(200).astype(np.float32)
        one = len(pack(Columns({"blended": noise})))
        three = len(
            pack(Columns({"blended": noise, "personalised": noise, "final": noise}))
        )

        assert three < one + 60

    def test_keeps_the_order_of_columns(self) -> None:
        names = ["score", "number", "exact"]
        arrays = [np.ones(1, kind) for kind in (np.float32, np.int64, np.float64)]

        back = unpack(pack(Columns(dict(zip(names, arrays, strict=True)))))

        assert list(back) == names


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        Columns({"a": np.zeros(1), "b": np.zeros(2)})


def test_rows_leave_out_what_has_no_value() -> None:
    missing = np.array([np.nan, 0.5], np.float32)
    columns = Columns({"a": np.array([1, 2]), "b": missing})

    assert list(rows(columns)) == [{"a": 1}, {"a": 2, "b": 0.5}]
