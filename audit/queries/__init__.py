"""Reads: decisions by id and by what is known of them."""

from .decisions import (
    DecisionFilter,
    DecisionPage,
    get_decision,
    get_private,
    get_privates,
    item_ids_of,
    list_decisions,
    open_trace_of,
)
from .integrity import envelope_of

__all__ = [
    "DecisionFilter",
    "DecisionPage",
    "envelope_of",
    "get_decision",
    "get_private",
    "get_privates",
    "item_ids_of",
    "list_decisions",
    "open_trace_of",
]
