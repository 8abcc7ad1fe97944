"""Small changes since the snapshot, folded into what a process serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from catalog.core import feed
from catalog.core.feed import ItemState
from ranking.core.columns import F32
from ranking.core.embedding import ItemText, embed
from ranking.core.fold import fold
from ranking.core.overlay import MAX_ITEMS, Overlay
from ranking.core.projection import PROJECTED_DIMENSIONS, project
from ranking.core.snapshot import Snapshot
from ranking.core.world import World

SUPPLIED = "supplied"


def bring_up(
    world: World, item_changes: Sequence[bytes | None], *, number: int
) -> World:
    """Return the world with further changes of the feed, oldest first.

    A change too large for the feed (None) waits for the next snapshot, and so does
    what the overlay has no room for. Removals always count. Each change is folded by
    itself, so that it does not matter how many were read at once.
    """
    for packed in item_changes:
        if packed is not None:
            world = with_states(world, feed.decode(packed), number=number)
    if world.overlay.change_number == number:
        return world
    return World(world.snapshot, replace(world.overlay, change_number=number))


def with_states(world: World, states: Sequence[ItemState], *, number: int) -> World:
    """Return the world with items as they stand at a change number."""
    room = MAX_ITEMS - len(world.overlay)
    if len(states) > room:
        states = _within(world.overlay, states, room=room)
    overlay = fold(
        world.overlay,
        states,
        snapshot=world.snapshot,
        content=_content(world.snapshot, states),
        change_number=number,
    )
    return World(world.snapshot, overlay)


def _within(
    overlay: Overlay, states: Sequence[ItemState], *, room: int
) -> list[ItemState]:
    """Drop what there is no room for, but never the news that an item is gone."""
    kept: list[ItemState] = []
    for state in states:
        known = state.number in overlay.row_of_number
        if known or not state.listed or room > 0:
            kept.append(state)
            room -= not known
    return kept


def _content(snapshot: Snapshot, states: Sequence[ItemState]) -> F32:
    """Return content vectors in the space of the snapshot's own."""
    if snapshot.manifest.get("content_space") == SUPPLIED:
        return _supplied(states)
    return embed(
        [
            ItemText(
                title=state.title,
                brand=state.brand,
                category_path=state.category_path,
                tags=state.tags,
                description=state.description,
            )
            for state in states
        ]
    )


def _supplied(states: Sequence[ItemState]) -> F32:
    vectors = np.zeros((len(states), PROJECTED_DIMENSIONS), dtype=np.float32)
    for place, state in enumerate(states):
        if state.vector:
            sent = np.frombuffer(state.vector, dtype="<f2").astype(np.float64)
            vectors[place] = project(sent[np.newaxis])[0]
    return vectors
