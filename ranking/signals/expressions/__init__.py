"""Signals as ibis expressions: the same on DuckDB and on Spark.

Sums are taken over fixed-point integers, never over floats: whichever engine adds, in
whichever order and from however many files, comes to the same digit.
"""

from .covisitation import covisitation, events_per_user, item_days, neighbours, newest
from .events import Window, counted_events
from .interactions import bought, interactions, repeat
from .popularity import popularity, segment_popularity, worth_by_segment
from .session import transitions
from .trend import trend

__all__ = [
    "Window",
    "bought",
    "counted_events",
    "covisitation",
    "events_per_user",
    "interactions",
    "item_days",
    "neighbours",
    "newest",
    "popularity",
    "repeat",
    "segment_popularity",
    "transitions",
    "trend",
    "worth_by_segment",
]
