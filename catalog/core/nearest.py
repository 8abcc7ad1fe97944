"""What somebody may have meant by a word that nobody knows."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches


def hint(word: str, known: Collection[str], *, most: int = 20) -> str:
    """Return the nearest known word in a sentence, else all of them if they are few.

    Examples
    --------
    >>> hint("overide", ["override", "cancel"])
    'Did you mean override?'
    >>> hint("x", ["override", "cancel"])
    'Known are override, cancel.'
    """
    near = get_close_matches(word, known, n=1)
    if near:
        return f"Did you mean {near[0]}?"
    return f"Known are {', '.join(known)}." if 0 < len(known) <= most else ""
