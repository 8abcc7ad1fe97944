"""Who of a fold can be asked, and what then counts as a hit."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from catalog.core.moments import from_microseconds
from simulations.core.asking import Held, held_out, without
from simulations.core.evaluation import EvaluationSpec
from simulations.core.splits import Fold

from .material import Material


class NothingToEvaluateError(ValueError):
    """No user of a fold can be asked."""


def chosen_users(
    material: Material,
    fold: Fold,
    spec: EvaluationSpec,
    *,
    numbers: NDArray[np.int64],
) -> Held:
    """Return the users of a fold that can be asked, of a world with these items.

    Relevant are only items that somebody had before the cut: no model can be asked for
    others.

    Raises
    ------
    NothingToEvaluateError
        If that is nobody.
    """
    everybody = held_out(
        material.events, fold, weights=material.weights, numbers=numbers
    )
    known = known_rows(material, fold, numbers)
    chosen = csr_matrix(everybody.chosen.multiply(known[np.newaxis, :]))
    chosen.eliminate_zeros()
    if spec.relevance == "binary":
        chosen.data = np.ones(len(chosen.data))
    if spec.task == "new":
        chosen = without(chosen, everybody.known)
    chosen.sort_indices()
    held = msgspec.structs.replace(everybody, chosen=chosen)
    counts = np.asarray(everybody.known.astype(bool).sum(axis=1)).ravel()
    enough = (held.events_before >= spec.min_events) & (
        (counts > 0) | (spec.min_events == 0)
    )
    held = held.take(np.flatnonzero(enough & (np.diff(chosen.indptr) > 0)))
    if not len(held):
        cut = from_microseconds(fold.cut_us)
        raise NothingToEvaluateError(
            f"Nobody with at least {spec.min_events} events up to"
            f" {cut:%Y-%m-%d %H:%M} chose a known item after it."
        )
    return held


def still_relevant(
    held: Held, *, excluded: csr_matrix
) -> tuple[Held, NDArray[np.intp]]:
    """Return those who chose anything that is not excluded, and their lines.

    Raises
    ------
    NothingToEvaluateError
        If nobody did.
    """
    relevant = without(held.chosen, excluded)
    rows = np.flatnonzero(np.diff(relevant.indptr) > 0)
    if not len(rows):
        raise NothingToEvaluateError(
            "All that users chose after the split is excluded for them as already"
            " bought; evaluate the task “all”, or switch the exclusion off."
        )
    return msgspec.structs.replace(held, chosen=relevant).take(rows), rows


def drawn(held: Held, spec: EvaluationSpec) -> Held:
    """Return those whom the seed draws, everybody where no number is given."""
    if spec.max_users is None or len(held) <= spec.max_users:
        return held
    rng = np.random.default_rng(spec.seed)
    lot = rng.choice(len(held), size=spec.max_users, replace=False)
    return held.take(np.sort(lot))


def known_rows(
    material: Material, fold: Fold, numbers: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Say which items somebody had to do with before the cut. Shape (n,)."""
    active = np.isin(material.events.types, list(material.weights))
    seen = np.unique(material.events.items[fold.before & active])
    flags: NDArray[np.bool_] = np.isin(numbers, seen)
    return flags
