"""What reports in SQL read of a decision that stands in its sealed trace alone.

A text in JSON beside the trace, columns rather than documents because it is long: the
view `rec_decisions` makes the documents of the old contract of it. `constraints` and
`caps` are there of every decision that has any; `candidates` and `mmr` need the trace.

=============  ====================================================================
`constraints`  What the request asked of items, as it was sent.
`caps`         By dimension, of each item of the answer how many of its brand or
               category the page held with it.
`candidates`   `number` and `score` of the best candidates before diversity.
`mmr`          Of each item of the answer what diversity saw when it chose it.
=============  ====================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import numpy as np

from .columns import Array
from .record import Trace

_CAP = "cap."
_BRIEF = ("constraints", "caps")
_SEEN = ("relevance", "max_sim", "penalty")
# Digits behind the point; SQL averages them, nobody computes a ranking from them.
_DIGITS = 6
_encode = msgspec.json.Encoder().encode


def brief_report(*, constraints: Any, caps: Mapping[str, Array]) -> str:
    """Return what is known without the trace; empty when that is nothing.

    Parameters
    ----------
    constraints : mapping or None
        Of the request, None when it asked nothing of items.
    caps : mapping of str to array of shape (n,)
        By dimension, for each item of the answer; NaN where no cap was looked at.

    Examples
    --------
    >>> brief_report(constraints=None, caps={"brand": np.array([1, np.nan])})
    '{"caps":{"brand":[1,null]}}'
    """
    return _told(_brief(constraints=constraints, caps=caps.items()))


def full_report(trace: Trace) -> str:
    """Return what is known with the trace."""
    items = trace.items.columns
    caps = {
        name.removeprefix(_CAP): column
        for name, column in items.items()
        if name.startswith(_CAP)
    }
    told = _brief(constraints=_asked(trace), caps=caps.items())
    if trace.candidates:
        told["candidates"] = {
            "number": trace.candidates["number"].tolist(),
            "score": _rounded(trace.candidates["final"]),
        }
    if "mmr.pick_index" in items:
        told["mmr"] = {
            "pick_index": _whole(items["mmr.pick_index"]),
            **{name: _rounded(items[f"mmr.{name}"]) for name in _SEEN},
            **{
                f"{name}_cap_hit": hits
                for name, hits in cap_hits(caps, knobs=trace.knobs).items()
            },
        }
    return _told(told)


def shortened(report: str) -> str:
    """Return what of a report stays without the trace.

    Examples
    --------
    >>> shortened('{"caps":{"brand":[1]},"mmr":{"pick_index":[1]}}')
    '{"caps":{"brand":[1]}}'
    >>> shortened("")
    ''
    """
    if not report:
        return ""
    told = msgspec.json.decode(report)
    return _told({name: told[name] for name in _BRIEF if name in told})


def cap_hits(
    caps: Mapping[str, Array], *, knobs: Mapping[str, Any]
) -> dict[str, list[bool]]:
    """Say by dimension of which items the choice filled a cap.

    Parameters
    ----------
    caps : mapping of str to array of shape (n,)
        How many of an item's brand or category the page held with it.
    knobs : mapping of str to value
        In force where they differ from the defaults, which set no cap.
    """
    return {
        name: (column >= limit).tolist()
        for name, column in caps.items()
        if (limit := knobs.get(f"{name}_cap"))
    }


def _asked(trace: Trace) -> Any:
    asked = trace.request.get("constraints")
    return asked if asked and any(asked.values()) else None


def _brief(
    *, constraints: Any, caps: Iterable[tuple[str, Array]]
) -> dict[str, dict[str, Any]]:
    told: dict[str, dict[str, Any]] = {}
    if constraints:
        told["constraints"] = constraints
    if counts := {name: _whole(column) for name, column in caps}:
        told["caps"] = counts
    return told


def _told(told: Mapping[str, Any]) -> str:
    return _encode(told).decode() if told else ""


def _whole(column: Array) -> list[int | None]:
    # Only NaN differs from itself.
    return [
        round(value) if value == value else None  # noqa: PLR0124
        for value in column.tolist()
    ]


def _rounded(column: Array) -> list[float | None]:
    # JSON has no NaN: msgspec writes null.
    rounded: list[float | None] = np.round(column.astype(np.float64), _DIGITS).tolist()
    return rounded
