"""What another policy would have earned, estimated from decisions made by chance."""

from .estimators import Estimate, doubly_robust, effective_size, ips, snips
from .judging import Report, evaluate
from .log import Log, Predicted
from .rewards import crossfitted

__all__ = [
    "Estimate",
    "Log",
    "Predicted",
    "Report",
    "crossfitted",
    "doubly_robust",
    "effective_size",
    "evaluate",
    "ips",
    "snips",
]
