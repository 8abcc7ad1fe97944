"""A model of rewards that never predicts a row from itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .log import F64, Predicted

PRIOR_WEIGHT = 10.0
"""Rewards of everybody that each action's average starts from."""


def crossfitted(
    actions: NDArray[np.int64],
    rewards: F64,
    *,
    chances: F64,
    folds: int = 5,
) -> Predicted:
    """Predict rewards by action, each row from the other folds alone.

    Parameters
    ----------
    actions : array of shape (n,)
        Action taken in each row: a column of ``chances``.
    rewards : array of shape (n,)
    chances : array of shape (n, a)
        Chance with which the target policy takes each action in each row.
    folds : int
        Row i is in fold ``i % folds``.

    Returns
    -------
    predicted : Predicted
        Averages of an action's rewards, drawn towards the average of all by ten
        rewards' worth.
    """
    n, n_actions = chances.shape
    taken, target = np.zeros(n), np.zeros(n)
    fold = np.arange(n) % folds
    for each in range(folds):
        here, there = fold == each, fold != each
        counts = np.bincount(actions[there], minlength=n_actions)
        sums = np.bincount(actions[there], weights=rewards[there], minlength=n_actions)
        overall = sums.sum() / max(counts.sum(), 1)
        means = (sums + PRIOR_WEIGHT * overall) / (counts + PRIOR_WEIGHT)
        taken[here] = means[actions[here]]
        target[here] = chances[here] @ means
    return Predicted(taken=taken, target=target)
