"""One drawing per sort of product, 96 by 72, bold enough to be known at 40 pixels.

`$a` is the thing's colour, `$b` a lighter one beside it, `$d` the dark of lines.
"""

from __future__ import annotations

from .shapes_to_keep import KEPT
from .shapes_to_use_up import USED_UP
from .shapes_to_wear import WORN

PARCEL = (
    '<path d="M26 26l22-10 22 10v26L48 62 26 52z" fill="$a"/>'
    '<path d="M26 26l22 10 22-10M48 36v26" stroke="$b" stroke-width="3" fill="none"/>'
)
SHAPES = {"parcel": PARCEL, **KEPT, **USED_UP, **WORN}
