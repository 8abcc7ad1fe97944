"""Fill a pool from which rules hid so much that no page can be made of it."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from rules.core.apply import Ruling
from rules.core.memo import Memo

from .columns import Rows
from .eligibility import is_among
from .gather import overlap
from .joining import enlarge
from .pool import Pool
from .world import World

MOST_KEPT = 1_000
"""So many of the most popular items that rules let through are remembered."""

MOST_WALKED = 300_000
"""So many of the most popular items are looked at to find them."""

STEP = 8_192
MOST_REMEMBERED = 16
FALLBACK = "fallback"


def refill(pool: Pool, ruling: Ruling, *, missing: int) -> Pool:
    """Return the pool with the most popular of what else may be shown.

    They come with their popularity and what their tags say to the user; what
    else makes a score is not looked up for them.

    Parameters
    ----------
    pool : Pool
    ruling : Ruling
    missing : int
        How many are wanted.
    """
    rows = _let_through(pool.world, ruling)
    rows = rows[~is_among(rows, pool.rows)]
    items = pool.world.select(rows)
    stands = (pool.eligibility.all(items) == 0) & ~ruling.hides(items)
    rows = rows[stands][:missing]
    if not len(rows):
        return pool
    enlarged, origin = enlarge(pool, rows, source=FALLBACK)
    came = origin < 0
    popularity = enlarged.items.signal(pool.world.snapshot.popularity)
    tastes = overlap(enlarged.items, pool.shopper.tastes)
    signals = replace(
        enlarged.signals,
        popularity=np.where(came, popularity, enlarged.signals.popularity),
        overlap=np.where(came, tastes, enlarged.signals.overlap),
    )
    return replace(enlarged, signals=signals)


def _let_through(world: World, ruling: Ruling) -> Rows:
    """Return the most popular items that rules let through, whoever asks."""
    known: Memo = world.derive("let through", lambda: Memo(most=MOST_REMEMBERED))
    name = (ruling.index, ruling.is_open.tobytes())
    return known.get(name, lambda: _walk(world, ruling))


def _walk(world: World, ruling: Ruling) -> Rows:
    snapshot = world.snapshot
    is_built = len(snapshot.popularity_order) > 0
    order = snapshot.popularity_order if is_built else snapshot.id_order
    newcomers = np.arange(len(snapshot), len(world))
    # What a FILTER names item by item may be anywhere.
    named = ruling.filtered_rows
    walked = np.concatenate((named, order[:MOST_WALKED], newcomers)).astype(np.int64)
    _, first = np.unique(walked, return_index=True)
    walked = walked[np.sort(first)]
    kept: list[Rows] = []
    n_kept = 0
    for start in range(0, len(walked), STEP):
        rows = walked[start : start + STEP]
        items = world.select(rows)
        stands = (items.attribute("standing") == 0) & ~ruling.hides(items)
        kept.append(rows[stands])
        n_kept += len(kept[-1])
        if n_kept >= MOST_KEPT:
            break
    rows = np.concatenate(kept) if kept else walked
    popularity = world.select(rows).signal(snapshot.popularity)
    ranks = world.select(rows).id_rank
    return rows[np.lexsort((ranks, -popularity))][:MOST_KEPT]
