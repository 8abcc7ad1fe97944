"""The figures that expectations are about, each a small function of some answers.

Several answers come to their mean, except where the name says otherwise. How well a
list meets what users did, and how alike its items are, is measured by the functions of
the evaluation: one implementation of each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from msgspec import Struct

from simulations.core.accuracy import mrr, ndcg
from simulations.core.variety import intra_list_similarity

from .evidence import Shown


class Asked(Struct, frozen=True, kw_only=True):
    """What a figure is to be computed from."""

    shown: Sequence[Shown]
    against: Sequence[Shown] = ()
    item: str | None = None
    tag: str | None = None
    prop: str | None = None
    count: str | None = None


type Figure = Callable[[Asked], float | None]


def smallest_size(asked: Asked) -> float | None:
    """Return the length of the shortest list."""
    return min((float(len(each.items)) for each in asked.shown), default=None)


def users(asked: Asked) -> float:
    """Return how many were asked for."""
    return float(len(asked.shown))


def tagged_share(asked: Asked) -> float | None:
    """Return the share of all positions whose item carries the tag."""
    tag = (asked.tag or "").casefold()
    return _mean([float(tag in tags) for each in asked.shown for tags in each.tags])


def rank(asked: Asked) -> float | None:
    """Return the mean position of the item, from 1; k + 1 where it is not shown."""
    return _mean([_place(each, asked.item or "") for each in asked.shown])


def exposure(asked: Asked) -> float | None:
    """Return the share of the lists that show the item."""
    return _mean([float(asked.item in each.items) for each in asked.shown])


def mean_prop(asked: Asked) -> float | None:
    """Return the mean of a numeric property over all positions that have it."""
    values = [each.get(asked.prop or "") for one in asked.shown for each in one.props]
    return _mean(
        [
            float(value)
            for value in values
            if isinstance(value, int | float) and not isinstance(value, bool)
        ]
    )


def categories(asked: Asked) -> float | None:
    """Return the mean number of different categories of a list."""
    return _mean([float(len(set(each.categories) - {None})) for each in asked.shown])


def similarity(asked: Asked) -> float | None:
    """Return the mean intra-list similarity, of lists of at least two items."""
    found = [
        float(
            intra_list_similarity(
                np.arange(len(each.items))[np.newaxis], each.vectors, k=each.k
            )[0]
        )
        for each in asked.shown
        if len(each.items) > 1
    ]
    return _mean(found)


def ndcg_of(asked: Asked) -> float | None:
    """Return the mean NDCG over those who did anything after the split."""
    return _mean([_accuracy(each, ndcg) for each in asked.shown if each.relevance])


def mrr_of(asked: Asked) -> float | None:
    """Return the mean reciprocal rank over those who did anything after the split."""

    def reciprocal(gains: np.ndarray, _ideal: np.ndarray, *, k: int) -> np.ndarray:
        return mrr(gains, k=k)

    return _mean(
        [_accuracy(each, reciprocal) for each in asked.shown if each.relevance]
    )


def relevant_users(asked: Asked) -> float:
    """Return how many of those asked for did anything after the split."""
    return float(sum(bool(each.relevance) for each in asked.shown))


def policy(asked: Asked) -> float | None:
    """Return the mean of one policy count of the answers."""
    return _mean([float(each.policy.get(asked.count or "", 0)) for each in asked.shown])


def with_reasons(asked: Asked) -> float | None:
    """Return the share of positions that say why."""
    return _share_of_positions(asked, lambda each: each.reasons)


def explained(asked: Asked) -> float | None:
    """Return the share of positions with an explanation."""
    return _share_of_positions(asked, lambda each: each.explained)


def versioned(asked: Asked) -> float | None:
    """Return the share of answers that name their model version."""
    return _mean([float(bool(each.model_version)) for each in asked.shown])


def changed_positions(asked: Asked) -> float | None:
    """Return the share of positions that show another item than those compared with."""
    if len(asked.shown) != len(asked.against):
        return None
    pairs = list(zip(asked.shown, asked.against, strict=True))
    positions = sum(max(len(one.items), len(other.items)) for one, other in pairs)
    same = sum(
        item == twin
        for one, other in pairs
        for item, twin in zip(one.items, other.items, strict=False)
    )
    return (positions - same) / positions if positions else None


def different_answers(asked: Asked) -> float:
    """Return how many different answers there are, beyond the first, among repeats."""
    return float(max(len({each.digest for each in asked.shown}) - 1, 0))


MEASURES: Mapping[str, Figure] = {
    "size": smallest_size,
    "users": users,
    "relevant_users": relevant_users,
    "tagged_share": tagged_share,
    "rank": rank,
    "exposure": exposure,
    "mean_prop": mean_prop,
    "categories": categories,
    "similarity": similarity,
    "ndcg": ndcg_of,
    "mrr": mrr_of,
    "policy": policy,
    "with_reasons": with_reasons,
    "explained": explained,
    "versioned": versioned,
    "changed_positions": changed_positions,
    "different_answers": different_answers,
}
NEEDS: Mapping[str, str] = {
    "tagged_share": "tag",
    "rank": "item",
    "exposure": "item",
    "mean_prop": "prop",
    "policy": "count",
    "changed_positions": "against",
}
"""What a figure must be told besides the page."""


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _place(shown: Shown, item: str) -> float:
    return float(shown.items.index(item) + 1 if item in shown.items else shown.k + 1)


def _share_of_positions(asked: Asked, count: Callable[[Shown], int]) -> float | None:
    positions = sum(len(each.items) for each in asked.shown)
    return sum(map(count, asked.shown)) / positions if positions else None


def _accuracy(shown: Shown, measure: Callable[..., np.ndarray]) -> float:
    gains = np.zeros((1, shown.k))
    found = [shown.relevance.get(item, 0.0) for item in shown.items[: shown.k]]
    gains[0, : len(found)] = found
    best = sorted(shown.relevance.values(), reverse=True)[: shown.k]
    ideal = np.zeros((1, shown.k))
    ideal[0, : len(best)] = best
    return float(measure(gains, ideal, k=shown.k)[0])
