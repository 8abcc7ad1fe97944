from __future__ import annotations

import re
from collections import Counter

_SMALL = {"a", "and", "for", "in", "of", "on", "the", "to", "with"}
_KEEP = {"3D", "DIY", "LED", "UK", "USA", "XL"}
_WORD = re.compile(r"[A-Za-z][A-Za-z']*")


def title_of(descriptions: Counter[str]) -> str:
    """Return an article's title: its most frequent description, decently written.

    Of equally frequent ones the longer wins, then the first in the alphabet. Notes of
    the warehouse ("damaged", "?") lose against anything in capitals.

    Examples
    --------
    >>> title_of(Counter({"damaged": 9, "SET OF 6 T-LIGHTS IN BOX": 2}))
    'Set of 6 T-Lights in Box'
    """
    best = min(
        descriptions.items(),
        key=lambda one: (not _is_proper(one[0]), -one[1], -len(one[0]), one[0]),
        default=("", 0),
    )[0]
    return _written(best)


def _is_proper(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return len(letters) >= 3 and sum(map(str.isupper, letters)) > len(letters) / 2


def _written(text: str) -> str:
    written = _WORD.sub(_word, text.strip(" ,.-"))
    return written[:1].upper() + written[1:]


def _word(found: re.Match[str]) -> str:
    word = found.group()
    if word in _KEEP:
        return word
    # After an apostrophe or a hyphen within a size ("T-Light") case is as for a word.
    return word.lower() if word.lower() in _SMALL else word.capitalize()
