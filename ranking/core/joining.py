"""Let items join the candidates of a request after the others were scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from msgspec.structs import astuple, replace
from numpy.typing import NDArray

from .columns import F64, I32, Rows
from .pool import Pool, Signals
from .score import Scored

BY_RULES = "rules"
"""The source of items that are candidates only because of a rule."""


class Joined(NamedTuple):
    """A pool with further items, all of whose signals and scores are 0."""

    pool: Pool
    scored: Scored
    origin: Rows
    """Shape (n,). Where each candidate was before, -1 for one that joined."""


def join(pool: Pool, scored: Scored, rows: Rows) -> Joined:
    """Return the pool with items that rules name, and their scores.

    Parameters
    ----------
    pool : Pool
    scored : Scored
        Of the pool.
    rows : array of shape (m,)
        As :func:`enlarge` takes them.
    """
    enlarged, origin = enlarge(pool, rows, source=BY_RULES)
    return Joined(enlarged, _scored(scored, origin), origin)


def enlarge(pool: Pool, rows: Rows, *, source: str) -> tuple[Pool, Rows]:
    """Return the pool with items of which no signal says anything.

    Parameters
    ----------
    pool : Pool
    rows : array of shape (m,)
        Rows of the world that are not in the pool, without repeats, in the
        order in which the source brings them.
    source : str
        Who brings them.

    Returns
    -------
    enlarged : Pool
    origin : array of shape (n + m,)
        Where each candidate was before, -1 for one that joined.
    """
    all_rows = np.concatenate((pool.rows, rows))
    order = all_rows.argsort(kind="stable")
    origin = np.where(order < len(pool), order, -1)
    items = pool.world.select(all_rows.take(order))
    ranks = np.where(origin < 0, order - len(pool) + 1, 0).astype(np.int32)
    sources, source_scores, source_ranks = _sources(pool, origin, ranks, source=source)
    enlarged = replace(
        pool,
        items=items,
        numbers=items.numbers,
        id_rank=items.id_rank,
        signals=Signals(*_padded(astuple(pool.signals), origin)),
        sources=sources,
        source_scores=source_scores,
        source_ranks=source_ranks,
    )
    return enlarged, origin


def _sources(
    pool: Pool, origin: Rows, ranks: I32, *, source: str
) -> tuple[tuple[str, ...], F64, I32]:
    """Return the sources with the places that a further one gave."""
    scores = np.zeros((len(pool.sources) + 1, len(origin)))
    places = np.zeros(scores.shape, dtype=np.int32)
    old = origin >= 0
    scores[:-1, old] = pool.source_scores
    places[:-1, old] = pool.source_ranks
    if source not in pool.sources:
        places[-1] = ranks
        return (*pool.sources, source), scores, places
    line = pool.sources.index(source)
    places[line] += np.where(ranks > 0, ranks + places[line].max(initial=0), 0)
    return pool.sources, scores[:-1], places[:-1]


def _scored(scored: Scored, origin: Rows) -> Scored:
    columns = ("pop", "cooc", "sim", "blended", "multiplier", "scores")
    padded = _padded([getattr(scored, name) for name in columns], origin)
    told = dict(zip(columns, padded, strict=True))
    # Nothing personal was multiplied, which is what 1 says.
    told["multiplier"][origin < 0] = 1.0
    return replace(
        scored,
        likenesses=_by_name(scored.likenesses, origin),
        extras=_by_name(scored.extras, origin),
        **told,
    )


def _by_name(columns: Mapping[str, F64], origin: Rows) -> dict[str, F64]:
    padded = _padded([*columns.values()], origin)
    return dict(zip(columns, padded, strict=True))


def _padded(columns: Sequence[F64], origin: Rows) -> list[F64]:
    return [moved(column, origin, otherwise=0.0) for column in columns]


def moved[T: np.generic](
    column: NDArray[T], origin: Rows, *, otherwise: object
) -> NDArray[T]:
    """Return a column with a value for those who joined.

    >>> moved(np.array([7, 8]), np.array([0, -1, 1]), otherwise=0).tolist()
    [7, 0, 8]
    """
    longer = np.empty(len(column) + 1, dtype=column.dtype)
    longer[:-1] = column
    longer[-1] = otherwise
    return longer.take(origin)
