"""The slider beside a number: where it begins and ends, and where the default lies."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ranking.core.knobs import Knob, Value

# A weight may be 1000, but nobody slides there: twice of what is known is enough.
_USUAL_MOST = {"number": 1.0, "whole": 10.0}
_STEPS = 100


@dataclass(frozen=True, kw_only=True)
class Slider:
    """Numbers as a browser reads them, whatever language the page is in."""

    least: str
    most: str
    stride: str
    mark: str | None
    """Where the default lies, in percent of the way; None for a knob without one."""


def slider_of(knob: Knob, *known: Value) -> Slider | None:
    """Return the slider of a knob, long enough for the values that are known.

    None for what is no number.
    """
    if knob.kind not in _USUAL_MOST:
        return None
    numbers = [
        float(each)
        for each in (knob.default, *known)
        if isinstance(each, int | float) and not isinstance(each, bool)
    ]
    low = knob.low or 0.0
    high = math.inf if knob.high is None else knob.high
    usual = high if knob.default is None and knob.kind == "whole" else 0.0
    most = min(
        high, max(usual, _USUAL_MOST[knob.kind], *(2 * each for each in numbers))
    )
    stride = _stride(most - low, is_whole=knob.kind == "whole")
    # Steps count from the beginning: from 1 in tens they would be 11, 21, 31.
    least = low + stride if knob.above_low else stride * math.floor(low / stride)
    mark = None
    if isinstance(knob.default, int | float):
        mark = f"{100 * (knob.default - least) / (most - least):.1f}"
    return Slider(
        least=f"{least:.12g}", most=f"{most:.12g}", stride=f"{stride:.12g}", mark=mark
    )


def _stride(span: float, *, is_whole: bool) -> float:
    power = 10.0 ** math.floor(math.log10(span / _STEPS) + 1e-9)
    return max(1.0, power) if is_whole else power
