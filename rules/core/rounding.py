"""Round scores, so that the last bits of a computation decide nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIGNIFICANT_DIGITS = 9
_POWERS = 10.0 ** np.arange(301)


def rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round to 9 significant digits.

    Examples
    --------
    >>> rounded(np.array([0.1 + 0.2, 1234567891.0, 0.0])).tolist()
    [0.3, 1234567890.0, 0.0]
    """
    size = np.abs(values)
    digits = np.floor(np.log10(np.where(size > 0, size, 1.0)))
    shift = (SIGNIFICANT_DIGITS - 1 - digits).astype(np.int64)
    # Dividing by a power of ten is exact to the last bit, multiplying by 0.1 is not.
    up = _POWERS.take(shift, mode="clip")
    down = _POWERS.take(-shift, mode="clip") if shift.min(initial=0) < 0 else 1.0
    result: NDArray[np.float64] = np.rint(values * up / down) / up * down
    return result
