"""Every number that steers the ranking, defined once.

One table serves validation, the admin form, the API schema and the docs.
"""

from .definition import Kind, Knob, KnobError, Stage, Value
from .parse import KNOBS_BY_NAME, parse, parse_environment
from .table import DEFAULTS, KNOBS, Knobs, to_document

__all__ = [
    "DEFAULTS",
    "KNOBS",
    "KNOBS_BY_NAME",
    "Kind",
    "Knob",
    "KnobError",
    "Knobs",
    "Stage",
    "Value",
    "parse",
    "parse_environment",
    "to_document",
]
