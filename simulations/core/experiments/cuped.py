"""Take out of an outcome what was known of the subject before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

type F64 = NDArray[np.float64]


def adjusted(
    outcomes: Sequence[F64], covariates: Sequence[F64]
) -> tuple[list[F64], float]:
    r"""Return outcomes less what the covariate foretold (Deng et al., 2013).

    :math:`y' = y - \theta (x - \bar x)`, with one :math:`\theta` from all variants
    together: the covariate was measured before the experiment, so that it has the
    same mean in every variant and takes away variance but no effect.

    Parameters
    ----------
    outcomes, covariates : sequences of arrays
        One of each per variant, row i of both the same subject.

    Returns
    -------
    adjusted : list of arrays
    explained : float
        Share of the variance that is gone, in [0, 1).

    Examples
    --------
    >>> before = [np.array([1.0, 2, 3]), np.array([2.0, 4, 6])]
    >>> adjusted([before[0] + 5, before[1] + 5], before)[1] > 0.99
    True
    """
    y, x = np.concatenate(outcomes), np.concatenate(covariates)
    spread = float(((x - x.mean()) ** 2).sum()) if len(x) else 0.0
    if spread == 0.0:
        return list(outcomes), 0.0
    # Within variants: an effect must not look like something foretold.
    inside = sum(
        float((b - b.mean()) @ (a - a.mean()))
        for a, b in zip(outcomes, covariates, strict=True)
        if len(a)
    )
    within = sum(float(((b - b.mean()) ** 2).sum()) for b in covariates if len(b))
    theta = inside / within if within else 0.0
    found = [
        a - theta * (b - x.mean()) for a, b in zip(outcomes, covariates, strict=True)
    ]
    total = float(((y - y.mean()) ** 2).sum())
    left = np.concatenate(found)
    gone = 1.0 - float(((left - left.mean()) ** 2).sum()) / total if total else 0.0
    return found, max(gone, 0.0)
