"""Shares, intervals and changes, against the definition and by chance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from audit.core.proportions import Z_95, change, wilson


@given(st.integers(0, 400), st.integers(1, 400))
def test_the_interval_solves_what_wilson_set(hits: int, trials: int) -> None:
    hits = min(hits, trials)
    share = wilson(hits, trials)
    assert share is not None
    value = hits / trials

    def off(true: float) -> float:
        return (value - true) ** 2 - Z_95**2 * true * (1 - true) / trials

    assert share.low <= value <= share.high
    if 0 < hits < trials:
        low = optimize.brentq(off, 0, value)
        high = optimize.brentq(off, value, 1)
        assert share.low == pytest.approx(low)
        assert share.high == pytest.approx(high)


def test_what_is_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        wilson(3, 2)


@given(st.integers(10, 500), st.integers(10, 500))
def test_a_change_lies_within_its_interval(after: int, before: int) -> None:
    found = change((after, 1_000), (before, 1_000))

    assert found is not None
    assert found.low <= found.value <= found.high
    assert found.is_clear == (not found.low <= 0 <= found.high)


def test_no_change_is_rarely_called_one() -> None:
    rng = np.random.default_rng(5)
    pairs = rng.binomial(5_000, 0.04, (2_000, 2)).tolist()
    found = [change((a, 5_000), (b, 5_000)) for a, b in pairs]

    wrong = sum(each is not None and each.is_clear for each in found) / len(found)

    assert 0.03 < wrong < 0.07
