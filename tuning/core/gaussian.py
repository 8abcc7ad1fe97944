"""A Gaussian process: what is expected where nothing was tried yet, and how surely.

Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006: regression by
algorithm 2.1, Matérn 5/2 covariance (4.17) with one length for each column, lengths by
the maximum of the marginal likelihood (5.9) under weak priors.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.optimize import minimize

type F64 = NDArray[np.float64]

_ROOT_5 = np.sqrt(5.0)
_STARTS = (0.3, 1.0)
# Lengths and noise of which little is known lie, as logarithms, about here.
_LENGTH_AT, _LENGTH_SPREAD = np.log(0.5), 1.0
_NOISE_AT, _NOISE_SPREAD = np.log(0.05), 1.5
_BOUNDS = {"length": (-3.0, 3.0), "scale": (-3.0, 2.0), "noise": (-9.0, 0.5)}
_LEAST_VARIANCE = 1e-12


class GaussianProcess(Struct, frozen=True, kw_only=True):
    """Fitted to some points; predicts others."""

    points: F64
    """Shape (n, d). Each column within [0, 1] or about it."""

    lengths: F64
    """Shape (d,). Small: the column matters."""

    scale: float
    noise: float
    mean: float
    spread: float
    factor: F64
    """Shape (n, n). Lower Cholesky factor of the covariance."""

    weights: F64
    """Shape (n,). Covariance⁻¹ · values."""

    @classmethod
    def fitted(cls, points: F64, values: F64) -> Self:
        """Fit to values seen at points.

        Parameters
        ----------
        points : array of shape (n, d)
        values : array of shape (n,)
        """
        mean, spread = float(values.mean()), float(values.std()) or 1.0
        standard = (values - mean) / spread
        d = points.shape[1]
        bounds = [_BOUNDS["length"]] * d + [_BOUNDS["scale"], _BOUNDS["noise"]]
        tried = [
            minimize(
                _loss,
                np.array([np.log(start)] * d + [0.0, _NOISE_AT]),
                args=(points, standard),
                jac=True,
                method="L-BFGS-B",
                bounds=bounds,
                options={"maxiter": 60},
            )
            for start in _STARTS
        ]
        best = min(tried, key=lambda each: float(each.fun))
        return cls._with(points, standard, best.x, mean=mean, spread=spread)

    @classmethod
    def _with(
        cls, points: F64, standard: F64, found: F64, *, mean: float, spread: float
    ) -> Self:
        lengths, scale, noise = _unpacked(found)
        covariance = scale * _matern(points, points, lengths)
        covariance[np.diag_indices(len(points))] += noise
        factor = np.tril(cho_factor(covariance, lower=True)[0])
        weights = cho_solve((factor, True), standard)
        return cls(
            points=points,
            lengths=lengths,
            scale=scale,
            noise=noise,
            mean=mean,
            spread=spread,
            factor=factor,
            weights=weights,
        )

    def predict(self, points: F64) -> tuple[F64, F64]:
        """Return mean and standard deviation at points. Shapes (k,)."""
        across = self.scale * _matern(points, self.points, self.lengths)
        solved = solve_triangular(self.factor, across.T, lower=True)
        variance = self.scale - np.einsum("ij,ij->j", solved, solved)
        deviation = np.sqrt(np.maximum(variance, _LEAST_VARIANCE))
        return self.mean + self.spread * (
            across @ self.weights
        ), self.spread * deviation

    def believing(self, point: F64) -> Self:
        """Return the process as if the expected value had been seen at a point.

        So the next of several suggestions looks elsewhere ("kriging believer",
        Ginsbourger, Le Riche and Carraro, 2010).
        """
        expected = (self.predict(point[np.newaxis])[0][0] - self.mean) / self.spread
        seen = np.concatenate((self._standard(), [expected]))
        found = np.log(np.concatenate((self.lengths, [self.scale, self.noise])))
        points = np.vstack((self.points, point))
        return self._with(points, seen, found, mean=self.mean, spread=self.spread)

    def _standard(self) -> F64:
        seen: F64 = self.factor @ (self.factor.T @ self.weights)
        return seen


def _unpacked(found: F64) -> tuple[F64, float, float]:
    values = np.exp(found)
    return values[:-2], float(values[-2]), float(values[-1])


def _matern(ours: F64, theirs: F64, lengths: F64) -> F64:
    distance = _ROOT_5 * np.sqrt(_squares(ours / lengths, theirs / lengths))
    covariance: F64 = (1.0 + distance + distance**2 / 3.0) * np.exp(-distance)
    return covariance


def _squares(ours: F64, theirs: F64) -> F64:
    apart = (
        (ours**2).sum(axis=1)[:, None]
        + (theirs**2).sum(axis=1)[None, :]
        - 2.0 * ours @ theirs.T
    )
    return np.maximum(apart, 0.0)


def _loss(found: F64, points: F64, standard: F64) -> tuple[float, F64]:
    """Return the negative log posterior of the logarithms, and its gradient."""
    lengths, scale, noise = _unpacked(found)
    n = len(points)
    distance = _ROOT_5 * np.sqrt(_squares(points / lengths, points / lengths))
    decay = np.exp(-distance)
    shape = (1.0 + distance + distance**2 / 3.0) * decay
    covariance = scale * shape
    covariance[np.diag_indices(n)] += noise
    try:
        factor = cho_factor(covariance, lower=True)
    except np.linalg.LinAlgError:
        return 1e10, np.zeros(len(found))
    weights = cho_solve(factor, standard)
    inverse = cho_solve(factor, np.eye(n))
    outer = np.outer(weights, weights) - inverse
    slope = scale * (5.0 / 3.0) * (1.0 + distance) * decay
    gradient = np.array(
        [
            0.5 * np.sum(outer * slope * (column[:, None] - column[None, :]) ** 2)
            for column in (points / lengths).T
        ]
        + [0.5 * np.sum(outer * scale * shape), 0.5 * noise * np.trace(outer)]
    )
    fit = -0.5 * standard @ weights - np.log(np.diag(factor[0])).sum()
    prior, prior_slope = _prior(found)
    return -float(fit + prior), -(gradient + prior_slope)


def _prior(found: F64) -> tuple[float, F64]:
    at = np.array([_LENGTH_AT] * (len(found) - 2) + [0.0, _NOISE_AT])
    spread = np.array([_LENGTH_SPREAD] * (len(found) - 2) + [1.0, _NOISE_SPREAD])
    off = (found - at) / spread
    return float(-0.5 * off @ off), -off / spread
