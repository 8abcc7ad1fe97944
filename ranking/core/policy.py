"""Count what each stage did, under the names of the answer."""

from __future__ import annotations

import numpy as np

from rules.core.types import Outcome, Pins

from .columns import Rows
from .diversify import Page
from .eligibility import CONSTRAINT_DROPS
from .pool import Pool

POLICY_COUNTS = (
    "total_candidates",
    "explicit_exclude_hits",
    "recent_event_exclude_hits",
    "after_exclusions",
    "constraint_filtered_count",
    "after_constraint_filters",
    "rule_block_count",
    "rule_boost_count",
    "rule_pin_count",
    "rule_boost_injected",
    "after_rules",
    "rule_block_exposure",
    "rule_boost_exposure",
    "rule_pin_exposure",
    "constraint_leak_count",
    "caps_relaxed",
    "final_count",
)


def policy_counts(
    pool: Pool, outcome: Outcome, pins: Pins, *, page: Page, places: Rows
) -> dict[str, int]:
    """Return every policy count, 0 where nothing happened."""
    counts = dict.fromkeys(POLICY_COUNTS, 0)
    counts |= pool.counts
    counts |= outcome.counts
    counts["after_rules"] = int(np.count_nonzero(outcome.visible))
    if outcome.ruled is not None:
        shown = outcome.visible.take(places)
        counts["rule_block_exposure"] = len(places) - int(np.count_nonzero(shown))
        touched = outcome.ruled.touched.take(places)
        counts["rule_boost_exposure"] = int(np.count_nonzero(touched))
        counts["rule_pin_exposure"] = int(np.isin(places, pins.positions).sum())
    counts["caps_relaxed"] = len(page.relaxed)
    counts["constraint_leak_count"] = sum(leaks_by_reason(pool, places).values())
    counts["final_count"] = len(places)
    return counts


def leaks_by_reason(pool: Pool, places: Rows) -> dict[str, int]:
    """Count the items shown against the request's constraints: a defect if any is.

    Returns
    -------
    leaks : dict
        How many by the constraint that each breaks; empty without any.
    """
    if not pool.eligibility.is_narrow:
        return {}
    shown = pool.world.select(pool.rows[places])
    drops = pool.eligibility.standing(shown)
    counts = {
        drop.code: int(np.count_nonzero(drops == drop)) for drop in CONSTRAINT_DROPS
    }
    return {code: number for code, number in counts.items() if number}
