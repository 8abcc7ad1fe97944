"""Reads: decisions by id and by what is known of them."""

from .decision_export import Exported, Piece, pieces_of, read_all
from .decision_search import DecisionPage, list_decisions
from .decisions import (
    DecisionFilter,
    get_decision,
    get_private,
    get_privates,
    item_ids_of,
    numbers_in,
    open_trace_of,
    searched_number,
    with_window,
)
from .integrity import envelope_of

__all__ = [
    "DecisionFilter",
    "DecisionPage",
    "Exported",
    "Piece",
    "envelope_of",
    "get_decision",
    "get_private",
    "get_privates",
    "item_ids_of",
    "list_decisions",
    "numbers_in",
    "open_trace_of",
    "pieces_of",
    "read_all",
    "searched_number",
    "with_window",
]
