"""Factors of items: what an interaction with one says about the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from .matrix import Interactions

type FloatMatrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlsSettings:
    """How to factorise. `threads` does not change the result."""

    dimensions: int
    iterations: int
    regularization: float
    alpha: float
    seed: int
    threads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFactors:
    """Factors by item number, ascending. Row i belongs to items[i]."""

    items: NDArray[np.int64]
    factors: FloatMatrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Factorisation:
    """Factors of items and of users."""

    items: ItemFactors
    user_factors: FloatMatrix
    """Row i belongs to users[i] of the interactions."""


def train_factors(
    interactions: Interactions,
    settings: AlsSettings,
    *,
    warm: ItemFactors | None = None,
) -> ItemFactors:
    """Factorise by alternating least squares for implicit feedback (iALS).

    Minimises, over user factors x and item factors y (Hu, Koren and Volinsky,
    "Collaborative filtering for implicit feedback datasets", ICDM 2008) ::

        Σ_ui c_ui (p_ui - x_u·y_i)² + regularization (Σ_u |x_u|² + Σ_i |y_i|²)

    with ``p`` 1 where there was an interaction, else 0, and the confidence
    ``c = 1 + alpha * strength``. Three conjugate gradient steps a row, as in Takács,
    Pilászy and Tikk, RecSys 2011.

    Parameters
    ----------
    interactions : Interactions
        At least one.
    settings : AlsSettings
        Equal settings and interactions give equal factors, to the bit.
    warm : ItemFactors, optional
        Where to start from. Items that are not in it start at random.

    Returns
    -------
    factors : ItemFactors
        Of `interactions.items`.
    """
    return factorise(interactions, settings, warm=warm).items


def factorise(
    interactions: Interactions,
    settings: AlsSettings,
    *,
    warm: ItemFactors | None = None,
) -> Factorisation:
    """Return what :func:`train_factors` finds, and the factors of users with it."""
    confidence = interactions.strengths.copy()
    confidence.data = 1.0 + np.float32(settings.alpha) * confidence.data
    # The solver spreads rows over threads itself, and warns where BLAS does too.
    with threadpool_limits(1, user_api="blas"):
        model = AlternatingLeastSquares(
            factors=settings.dimensions,
            regularization=settings.regularization,
            iterations=settings.iterations,
            num_threads=settings.threads,
            random_state=settings.seed,
        )
        if warm is not None and warm.factors.shape[1] == settings.dimensions:
            model.item_factors = _start(interactions.items, warm, seed=settings.seed)
        model.fit(confidence, show_progress=False)
    return Factorisation(
        items=ItemFactors(items=interactions.items, factors=model.item_factors),
        user_factors=model.user_factors,
    )


def gram(factors: FloatMatrix, *, regularization: float) -> NDArray[np.float64]:
    """Return ``Y.T @ Y + regularization * I``, which folding a user in needs.

    Parameters
    ----------
    factors : array of shape (n, d)
    regularization : float

    Returns
    -------
    gram : float64 array of shape (d, d)
    """
    total = np.zeros((factors.shape[1], factors.shape[1]))
    for start in range(0, len(factors), 65_536):
        block = factors[start : start + 65_536].astype(np.float64)
        total += block.T @ block
    return total + regularization * np.eye(factors.shape[1])


def _start(items: NDArray[np.int64], warm: ItemFactors, *, seed: int) -> FloatMatrix:
    rng = np.random.default_rng(seed)
    shape = (len(items), warm.factors.shape[1])
    start = rng.random(shape, dtype=np.float32) * np.float32(0.01)
    places = np.searchsorted(warm.items, items)
    places[places == len(warm.items)] = 0
    known = warm.items[places] == items if len(warm.items) else places < 0
    start[known] = warm.factors[places[known]]
    return start
