"""Every number that steers the ranking, defined once.

One table serves validation, the admin form, the API schema and the docs.
"""

from .blend_overrides import BLEND_OVERRIDES, BlendOverrides, parse_blend_overrides
from .definition import Kind, Knob, KnobError, Stage, Value
from .parse import KNOBS_BY_NAME, parse, parse_environment
from .table import DEFAULTS, KNOBS, Knobs, to_document

__all__ = [
    "BLEND_OVERRIDES",
    "DEFAULTS",
    "KNOBS",
    "KNOBS_BY_NAME",
    "BlendOverrides",
    "Kind",
    "Knob",
    "KnobError",
    "Knobs",
    "Stage",
    "Value",
    "parse",
    "parse_blend_overrides",
    "parse_environment",
    "to_document",
]
