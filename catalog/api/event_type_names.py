"""Event types as clients name them in filters: by number or by name."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.core.event_types import EventTypeOut, numbers_by_name
from catalog.core.faults import refuse

_MAX = 2**15 - 1


def number_of_type(
    named: str | int | None, types: Sequence[EventTypeOut]
) -> int | None:
    """Return the type's number, or raise 400 when nothing is called so."""
    if named is None:
        return None
    if isinstance(named, int) or (named.isascii() and named.isdigit()):
        number = int(str(named)[:9])
        if 0 <= number <= _MAX:
            return number
    elif (known := numbers_by_name(types).get(named.casefold())) is not None:
        return known
    raise refuse(
        "unknown_event_type",
        f"There is no event type {str(named)[:64]!r}.",
        field="event_type",
    )
