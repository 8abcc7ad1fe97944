"""Items from which somebody of whom nothing is known may be met.

A user of the segment of new users has no recent items, so nothing tells what goes
with them. Popular items of the starter profile stand in for those: as anchors of the
signals only. They are not lifted in the list, and are nobody's history.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, islice, zip_longest

import numpy as np

from .trail import NOTHING_RECENT, Recent
from .world import World

MOST = 5
"""So many items stand in for those of a new user."""

LOOKED_AT = 64
"""Rows of each tag's popularity order that are looked at for some that stand."""

_LEAST_OF_A_TAG = 3


def starter_anchors(
    world: World, starter: Mapping[str, float], *, limit: int = MOST
) -> Recent:
    """Return items to start from, in place of those that a new user has not got yet.

    In turn from each tag of the profile, the strongest first, ties by name: its most
    popular item that is available and not among them yet.

    Parameters
    ----------
    world : World
    starter : mapping
        Tag to weight, as :func:`~ranking.core.tastes.starter_profile` makes it.
    limit : int

    Returns
    -------
    anchors : Recent
        At most ``limit`` items, all of age 0 and full strength.
    """
    told = tuple(starter.items())
    return world.derive(
        ("starter anchors", told, limit), lambda: _chosen(world, starter, limit=limit)
    )


def _chosen(world: World, starter: Mapping[str, float], *, limit: int) -> Recent:
    tags = sorted(starter, key=lambda tag: (-starter[tag], tag))
    most = max(_LEAST_OF_A_TAG, limit)
    in_turn = zip_longest(*(_popular_with(world, tag, most=most) for tag in tags))
    found = (row for row in chain.from_iterable(in_turn) if row is not None)
    rows = np.fromiter(islice(dict.fromkeys(found), limit), dtype=np.int64)
    if not len(rows):
        return NOTHING_RECENT
    return Recent(
        rows=rows, ages_days=np.zeros(len(rows)), strengths=np.ones(len(rows))
    )


def _popular_with(world: World, tag: str, *, most: int) -> list[int]:
    snapshot = world.snapshot
    code = world.tags.code(tag)
    if not 0 <= code < len(snapshot.tag_order_starts) - 1:
        return []
    start, end = snapshot.tag_order_starts[code : code + 2].tolist()
    rows = snapshot.tag_order[start:end][:LOOKED_AT].astype(np.int64)
    stands = world.select(rows).attribute("standing") == 0
    return [int(row) for row in rows[stands][:most]]
