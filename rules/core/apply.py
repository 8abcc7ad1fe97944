"""Bend scores to the merchandisers' rules, and say which rules did it.

The order is the same for every request: eligibility was decided before, and no
rule brings an ineligible item back; here BLOCK and FILTER, then BOOST and BURY,
then the choice of pins. Diversity, caps and placing follow.
"""

from __future__ import annotations

import numpy as np

from .types import Candidates, Outcome, Pins, RuleSet, Scores


def apply_rules(
    candidates: Candidates, scores: Scores, *, rules: RuleSet, k: int, at_us: int
) -> Outcome:
    """Apply the rules that match.

    Parameters
    ----------
    candidates : Candidates
        n eligible candidates.
    scores : array of shape (n,)
        Left unchanged.
    rules : RuleSet
    k : int
        Length of the page.
    at_us : int
        The moment, microseconds since 1970.
    """
    if len(rules):
        raise NotImplementedError("rules cannot be compiled yet")
    return Outcome(scores=scores, visible=np.ones(len(candidates), dtype=np.bool_))


def choose_pins(
    candidates: Candidates, outcome: Outcome, *, rules: RuleSet, k: int, at_us: int
) -> Pins:
    """Choose which candidates are pinned where, in order of the rules' priority.

    Parameters
    ----------
    candidates : Candidates
    outcome : Outcome
        From :func:`apply_rules`: pins by tag, brand, category or condition
        take their best-scored candidates.
    rules : RuleSet
    k : int
        Length of the page.
    at_us : int
    """
    if len(rules):
        raise NotImplementedError("rules cannot be compiled yet")
    return Pins.none()
