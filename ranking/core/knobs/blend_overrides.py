"""Blend weights that the environment sets for a namespace or for a segment.

Both variables are lists of ``name=alpha|beta|gamma``, separated by commas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .definition import Knob, KnobError, Value
from .parse import KNOBS_BY_NAME

EVERYWHERE = "*"
"""In place of a namespace: all of them, below those that are named."""

_WEIGHTS = ("blend_alpha", "blend_beta", "blend_gamma")

type Weights = Mapping[str, Value]
"""The three weights, under the names of their knobs."""


def _variable(name: str, meaning: str) -> Knob:
    first = KNOBS_BY_NAME[_WEIGHTS[0]]
    return Knob(
        kind="blends",
        default={},
        low=first.low,
        high=first.high,
        help=meaning,
        group="Blend",
        stage="arrange",
        name=name,
        env=name,
        overrides=(),
    )


BY_NAMESPACE = _variable(
    "BLEND_WEIGHTS_OVERRIDES",
    "Blend weights of single namespaces, and of all as `*`: "
    "`demo=0.3|0.5|0.2,*=0.4|0.4|0.2`. Above `BLEND_ALPHA`, `BLEND_BETA` and "
    "`BLEND_GAMMA`, below a profile.",
)
BY_SEGMENT = _variable(
    "BLEND_SEGMENT_OVERRIDES",
    "Blend weights of single segments: `new_users=0.4|0.45|0.15`. Above "
    "`BLEND_WEIGHTS_OVERRIDES`, below a profile.",
)
BLEND_OVERRIDES = (BY_NAMESPACE, BY_SEGMENT)


@dataclass(frozen=True, slots=True)
class BlendOverrides:
    """What the two variables say."""

    namespaces: Mapping[str, Weights] = field(default_factory=dict)
    segments: Mapping[str, Weights] = field(default_factory=dict)

    def of_namespace(self, name: str) -> Weights:
        """Return the weights of a namespace, none if nothing names it.

        >>> BlendOverrides({"*": {"blend_alpha": 1.0}}).of_namespace("shop")
        {'blend_alpha': 1.0}
        """
        return self.namespaces.get(name) or self.namespaces.get(EVERYWHERE, {})


def parse_blend_overrides(environment: Mapping[str, str]) -> BlendOverrides:
    """Read the two variables. An empty one sets nothing.

    Raises
    ------
    KnobError
        For the first entry that cannot be read, or whose weight is out of range.

    Examples
    --------
    >>> found = parse_blend_overrides({"BLEND_SEGMENT_OVERRIDES": "vip=1|0|.5"})
    >>> found.segments
    {'vip': {'blend_alpha': 1.0, 'blend_beta': 0.0, 'blend_gamma': 0.5}}
    """
    namespaces, segments = (
        _read(variable, environment.get(variable.env or "", ""))
        for variable in BLEND_OVERRIDES
    )
    return BlendOverrides(namespaces, segments)


def _read(variable: Knob, text: str) -> dict[str, Weights]:
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    return dict(_entry(variable, entry) for entry in entries)


def _entry(variable: Knob, entry: str) -> tuple[str, Weights]:
    name, _, weights = (part.strip() for part in entry.rpartition("="))
    try:
        alpha, beta, gamma = (variable.number(float(w)) for w in weights.split("|"))
    except (TypeError, ValueError) as error:
        raise KnobError(variable, entry) from error
    if not name:
        raise KnobError(variable, entry)
    return name, dict(zip(_WEIGHTS, (alpha, beta, gamma), strict=True))
