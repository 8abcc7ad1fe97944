"""Turn many pools into pages at once, each exactly as one alone would be."""

from __future__ import annotations

from collections.abc import Sequence

from rules.core.types import RuleSet

from .knobs import Knobs
from .pipeline import arrange
from .pool import Pool
from .ranking import Ranking


def arrange_many(
    pools: Sequence[Pool],
    knobs: Sequence[Knobs],
    *,
    rules: RuleSet,
    at_us: int,
    seeds: Sequence[int],
) -> list[Ranking]:
    """Turn many pools into pages, each as ``arrange`` would alone."""
    return [
        arrange(pool, each, rules=rules, at_us=at_us, seed=seed)
        for pool, each, seed in zip(pools, knobs, seeds, strict=True)
    ]
