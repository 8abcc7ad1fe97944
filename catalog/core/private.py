"""Namespaces that scenarios and simulations make for themselves."""

from __future__ import annotations

import re

PRIVATE = "~"
"""How their names begin; an id follows."""

_NAME = re.compile(rf"{PRIVATE}[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}")


def is_private(name: str) -> bool:
    """Tell whether nobody but a rehearsal ever sees a namespace.

    >>> is_private("~01a200bd-394a-72f3-9f5c-6777ee6d8aa2"), is_private("~tea")
    (True, False)
    """
    return _NAME.fullmatch(name) is not None
