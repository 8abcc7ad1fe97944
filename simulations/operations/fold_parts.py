"""To which part of the report each user of a fold belongs, by what they then chose."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from catalog.core.moments import from_microseconds
from catalog.tenancy import org_scope
from ranking.core.world import World
from simulations.core.asking import Held
from simulations.core.splits import Fold
from simulations.queries.event_surfaces import surfaces_between

from .material import Material


def surfaces_of(material: Material, fold: Fold, held: Held) -> list[str]:
    """Return the page on which each user then did most, by the weights of types.

    Empty where a user's events name none.
    """
    after = material.events.take(fold.after)
    with org_scope(material.namespace.org_id):
        told = surfaces_between(
            material.namespace,
            start=from_microseconds(int(after.ts_us.min())),
            end=from_microseconds(int(after.ts_us.max())),
        )
    if not len(told.ids):
        return [""] * len(held)
    event = np.minimum(told.ids.searchsorted(after.ids), len(told.ids) - 1)
    user = np.minimum(held.users.searchsorted(after.users), len(held) - 1)
    counted = (told.ids[event] == after.ids) & (held.users[user] == after.users)
    weight = np.zeros(len(after))
    for kind, value in material.weights.items():
        weight[after.types == kind] = value
    worth = np.zeros((len(held), len(told.names)))
    np.add.at(worth, (user[counted], told.codes[event[counted]]), weight[counted])
    best = worth.argmax(axis=1)
    return [
        told.names[place] if most > 0 else ""
        for place, most in zip(best.tolist(), worth.max(axis=1).tolist(), strict=True)
    ]


def categories_of(world: World, chosen: csr_matrix) -> list[str]:
    """Return the category of what each user chose most of, by relevance."""
    codes = world.select(np.arange(len(world), dtype=np.int64)).attribute("category")
    names = []
    for line in range(chosen.shape[0]):
        span = slice(chosen.indptr[line], chosen.indptr[line + 1])
        of_items = codes[chosen.indices[span]]
        kept = of_items >= 0
        if not kept.any():
            names.append("")
            continue
        worth = np.bincount(of_items[kept], chosen.data[span][kept])
        text = world.categories.text(int(worth.argmax()))
        names.append(text.replace("\x1f", " > "))
    return names
