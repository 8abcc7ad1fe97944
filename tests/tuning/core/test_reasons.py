from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from tuning.core.reasons import _rank_correlation


@pytest.mark.parametrize("seed", range(20))
def test_a_rank_correlation_is_scipys(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shared, others = rng.integers(0, 6, 20).astype(float), rng.normal(size=20).round(1)

    found = _rank_correlation(shared, others)

    assert found == pytest.approx(spearmanr(shared, others).statistic)
