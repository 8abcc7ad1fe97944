"""The rules of one surface and stretch of time, grouped by what they aim at."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .gates import Gates, Openings
from .memo import Memo
from .numbering import NUMBER_OF_ACTION
from .reading import Columns, Reading
from .rule import Action
from .steps import Steps, make_steps
from .windows import Span, spans

type Flags = NDArray[np.bool_]
type F64 = NDArray[np.float64]
type I32 = NDArray[np.int32]
type I64 = NDArray[np.int64]

MOST_CATALOGS = 4
NEVER, SOMETIMES, ALWAYS = 0, 1, 2
"""How much of a stretch of time a rule is in force."""

_BENDING = [NUMBER_OF_ACTION[Action.BOOST], NUMBER_OF_ACTION[Action.BURY]]


class Groups(Struct, frozen=True, eq=False, kw_only=True):
    """Rules of one surface that may be in force within a stretch of time.

    Rules of one group share target and gate, so they act on the same candidates
    at the same time.
    """

    reading: Reading
    rules: I64
    """Shape (n,). Places in ``reading.rules``, so in order of precedence."""

    group: I32
    """Shape (n,). The group of each rule."""

    target: I32
    """Shape (g,). The target of each group, in ``reading.targets``."""

    gate: I32
    """Shape (g,)."""

    gates: Gates
    blocks: Flags
    """Shape (g,). Whether the group has a BLOCK."""

    filters: Flags
    bends: Flags
    """Whether it has a BOOST or a BURY."""

    steps_of: Flags
    """Shape (n,). Which rules these are."""

    has_blocks: bool
    has_filters: bool
    all_open: Flags
    """Shape (g,). True."""

    steps: Steps
    """What BOOST and BURY do. Orders are places in ``rules``."""

    is_pin: Flags
    """Shape (n,). Which rules are PINs."""

    pins: I64
    """Places in ``rules`` of the PINs."""

    starts: I64
    """Shape (g + 1,). Group i has ``members[starts[i]:starts[i + 1]]``."""

    members: I64
    """Shape (n,). Places in ``rules``, group by group, in order."""

    memo: Memo
    """Where they were found in catalogs."""


def make_groups(
    reading: Reading, *, surface: int, since_us: int, until_us: int
) -> Groups:
    """Group the rules of a surface.

    Parameters
    ----------
    reading : Reading
    surface : int
        Number of the surface; 0: one that no rule names.
    since_us, until_us : int
        The stretch of time. Rules that are in force in none of it are left
        out; those in force in all of it need no gate.
    """
    columns = reading.columns
    states, openings = _windows(reading, since_us=since_us, until_us=until_us)
    rules, window = _in_force(columns, states, surface=surface)
    gates, gate = _gates(reading, rules, window=window, openings=openings)
    target, group_gate, group = _grouped(columns.target[rules], gate)
    action = columns.action[rules]
    n_groups = len(target)
    steps = make_steps(
        group,
        n_groups=n_groups,
        factors=columns.factor[rules],
        lifts=columns.lift[rules],
    )
    blocks = _have(Action.BLOCK, action, group, n=n_groups)
    filters = _have(Action.FILTER, action, group, n=n_groups)
    counts = np.bincount(group, minlength=n_groups)
    is_pin = action == NUMBER_OF_ACTION[Action.PIN]
    return Groups(
        reading=reading,
        rules=rules,
        group=group,
        target=target,
        gate=group_gate,
        gates=gates,
        blocks=blocks,
        filters=filters,
        bends=steps.has_factors | steps.has_lifts,
        steps_of=np.isin(action, _BENDING),
        has_blocks=bool(blocks.any()),
        has_filters=bool(filters.any()),
        all_open=np.ones(n_groups, dtype=np.bool_),
        steps=steps,
        is_pin=is_pin,
        pins=np.flatnonzero(is_pin),
        starts=np.concatenate(([0], counts.cumsum())),
        members=group.argsort(kind="stable"),
        memo=Memo(most=MOST_CATALOGS),
    )


def _in_force(
    columns: Columns, states: NDArray[np.int8], *, surface: int
) -> tuple[I64, I32]:
    """Return the rules of a surface that may act, and the window that gates each."""
    here = (columns.surface == 0) | (columns.surface == surface)
    state = states.take(columns.windows)
    rules = np.flatnonzero(here & (state != NEVER))
    return rules, np.where(state == SOMETIMES, columns.windows, 0)[rules]


def _windows(
    reading: Reading, *, since_us: int, until_us: int
) -> tuple[NDArray[np.int8], Openings]:
    """Return how much of a stretch each entry of the windows is open, and when."""
    starts, ends = reading.starts_us, reading.ends_us
    states = np.full(len(starts) + 1, SOMETIMES, dtype=np.int8)
    states[0] = ALWAYS
    is_one = starts < ends
    states[1:][is_one & ((ends <= since_us) | (starts >= until_us))] = NEVER
    states[1:][is_one & (starts <= since_us) & (ends >= until_us)] = ALWAYS
    found: list[tuple[int, Span]] = []
    for i in np.flatnonzero(states == SOMETIMES).tolist():
        open_us = spans(reading.windows[i - 1], since_us=since_us, until_us=until_us)
        if not open_us or open_us == (Span(since_us, until_us),):
            states[i] = ALWAYS if open_us else NEVER
        found += [(i, span) for span in open_us]
    table = np.array([(i, *span) for i, span in found], dtype=np.int64).reshape(-1, 3)
    return states, Openings(table[:, 0].astype(np.int32), table[:, 1], table[:, 2])


def _gates(
    reading: Reading, rules: I64, *, window: I32, openings: Openings
) -> tuple[Gates, I32]:
    """Return the gates that rules need, and which of them each has."""
    columns = reading.columns
    context, contexts = _renumbered(columns.context[rules])
    holdout, holdouts = _renumbered(columns.holdout[rules])
    asked = (window, columns.segment[rules], context, holdout)
    sizes = [int(column.max(initial=0)) + 1 for column in asked]
    keys = np.ravel_multi_index(asked, sizes)
    # What asks for nothing comes first, so that it becomes gate 0.
    distinct, gate = np.unique(np.append(keys, 0), return_inverse=True)
    parts = [part.astype(np.int32) for part in np.unravel_index(distinct, sizes)]
    gates = Gates(
        window=parts[0],
        segment=parts[1],
        context=parts[2],
        holdout=parts[3],
        openings=openings,
        n_windows=len(reading.windows),
        segments=reading.segments,
        contexts=tuple(reading.contexts[i - 1] for i in contexts),
        holdouts=tuple(reading.holdouts[i - 1] for i in holdouts),
    )
    return gates, gate[:-1].astype(np.int32)


def _renumbered(column: I32) -> tuple[I32, list[int]]:
    """Return a column with numbers without gaps, and the numbers that it had."""
    had, numbers = np.unique(np.append(column, 0), return_inverse=True)
    return numbers[:-1].astype(np.int32), had[1:].tolist()


def _grouped(target: I32, gate: I32) -> tuple[I32, I32, I32]:
    """Return target and gate of each group, and the group of each rule."""
    width = int(gate.max(initial=0)) + 1
    keys = target.astype(np.int64) * width + gate
    distinct, group = np.unique(keys, return_inverse=True)
    return (
        (distinct // width).astype(np.int32),
        (distinct % width).astype(np.int32),
        group.astype(np.int32),
    )


def _have(action: Action, actions: NDArray[np.uint8], group: I32, *, n: int) -> Flags:
    flags = np.zeros(n, dtype=np.bool_)
    flags[group[actions == NUMBER_OF_ACTION[action]]] = True
    return flags
