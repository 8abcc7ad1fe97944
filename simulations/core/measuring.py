"""Measure lists against what users then chose, all users at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from . import accuracy, variety
from .bootstrap import Figure, Resample
from .metrics import exposure_ratio

type F32 = NDArray[np.float32]
type F64 = NDArray[np.float64]
type I64 = NDArray[np.int64]
type Flags = NDArray[np.bool_]
type Columns = dict[str, F64]
"""Metric to a figure for each user, NaN where there is none."""


class ItemFacts(Struct, frozen=True, kw_only=True):
    """What measures know of the items, by row of the world."""

    candidates: Flags
    """Items that were known at the split."""

    interactions: I64
    """Events before the split."""

    long_tail: Flags
    popularity: F64
    """Percentile among the candidates."""

    categories: I64
    brands: I64
    """Codes, -1 for none."""

    vectors: F32
    """Content vectors, shape (n, d), d = 0 where nothing is known."""


class Answers(Struct, frozen=True, kw_only=True):
    """The lists of one model."""

    lists: I64
    """Shape (u, k). Rows of the world, -1 for an empty place."""

    auc: F64
    """Shape (u,). NaN where it was not worked out."""


class Judged(Struct, frozen=True, kw_only=True):
    """What is relevant to whom, in the forms that measures take."""

    relevance: csr_matrix
    """Shape (u, n). Above 0 where relevant."""

    ideal: F64
    n_relevant: I64

    @classmethod
    def of(cls, relevance: csr_matrix, *, k: int) -> Judged:
        """Work out the best lists of length k that there could be."""
        ideal = np.zeros((relevance.shape[0], k))
        for line in range(relevance.shape[0]):
            values = relevance.data[relevance.indptr[line] : relevance.indptr[line + 1]]
            best = -np.sort(-values)[:k]
            ideal[line, : len(best)] = best
        n_relevant = np.diff(relevance.indptr).astype(np.int64)
        return cls(relevance=relevance, ideal=ideal, n_relevant=n_relevant)

    def gains(self, lists: I64) -> F64:
        """Return the relevance of the item in each place. Shape (u, k)."""
        users, places = np.nonzero(lists >= 0)
        gains = np.zeros(lists.shape)
        if len(users):
            found = self.relevance[users, lists[users, places]]
            gains[users, places] = np.asarray(found).ravel()
        return gains


def measure(
    answers: Answers,
    judged: Judged,
    facts: ItemFacts,
    *,
    ks: Sequence[int],
    expected: I64,
) -> Columns:
    """Return every measure that single users have a figure of.

    Parameters
    ----------
    answers : Answers
    judged : Judged
    facts : ItemFacts
    ks : sequence of int
    expected : array of shape (u, p)
        What the most popular items would have been, for serendipity.
    """
    lists = answers.lists
    gains = judged.gains(lists)
    columns: Columns = {"auc": answers.auc}
    for k in ks:
        columns |= {
            f"ndcg@{k}": accuracy.ndcg(gains, judged.ideal, k=k),
            f"mrr@{k}": accuracy.mrr(gains, k=k),
            f"recall@{k}": accuracy.recall(gains, judged.n_relevant, k=k),
            f"precision@{k}": accuracy.precision(gains, k=k),
            f"map@{k}": accuracy.average_precision(gains, judged.n_relevant, k=k),
            f"hit_rate@{k}": accuracy.hit_rate(gains, k=k),
            f"novelty@{k}": variety.novelty(lists, facts.interactions, k=k),
            f"serendipity@{k}": variety.serendipity(gains, lists, expected, k=k),
            f"intra_list_similarity@{k}": _similarity(lists, facts, k=k),
            f"category_entropy@{k}": variety.category_entropy(
                lists, facts.categories, k=k
            ),
            f"long_tail_share@{k}": _mean(lists, facts.long_tail.astype(float), k=k),
            f"popularity_bias@{k}": _mean(lists, facts.popularity, k=k),
        }
    return columns


def _similarity(lists: I64, facts: ItemFacts, *, k: int) -> F64:
    if not facts.vectors.shape[1]:
        return np.full(len(lists), np.nan)
    return variety.intra_list_similarity(lists, facts.vectors, k=k)


def _mean(lists: I64, values: F64, *, k: int) -> F64:
    shown = lists[:, :k] >= 0
    known = np.where(shown, values[np.maximum(lists[:, :k], 0)], 0.0).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(shown.any(axis=1), known / shown.sum(axis=1), np.nan)


class Together(Struct, frozen=True, kw_only=True):
    """A measure of all lists of one fold together."""

    value: float
    drawn: F64
    """Shape (draws,). The same of each draw of users."""


def measure_together(
    lists: I64, facts: ItemFacts, resample: Resample, *, ks: Sequence[int]
) -> dict[str, Together]:
    """Return the measures of all lists together, each with its draws.

    ``catalog_coverage`` is the share of the candidates that anybody sees,
    ``gini_exposure`` and ``brand_exposure_ratio`` say how uneven exposure is.
    """
    found: dict[str, Together] = {}
    for k in ks:
        shown = _exposure(lists[:, :k], n=len(facts.candidates))
        once = np.asarray(shown.sum(axis=0)).reshape(1, -1)
        values = {name: figure(once, facts)[0] for name, figure in _TOGETHER.items()}
        drawn: dict[str, list[F64]] = {name: [] for name in _TOGETHER}
        for some in np.array_split(resample.weights[:_DRAWS], _PARTS):
            counts = np.asarray((shown.T @ some.T).T)
            for name, figure in _TOGETHER.items():
                drawn[name].append(figure(counts, facts))
        found |= {
            f"{name}@{k}": Together(
                value=float(values[name]), drawn=np.concatenate(drawn[name])
            )
            for name in _TOGETHER
        }
    return found


_DRAWS = 200
"""Enough for a standard error, and each draw sorts the catalog."""

_PARTS = 4
"""The draws of a large catalog at once would not fit into memory."""


def _exposure(lists: I64, *, n: int) -> csr_matrix:
    """Return which items each user is shown. Shape (u, n)."""
    users, places = np.nonzero(lists >= 0)
    ones = np.ones(len(users))
    return csr_matrix((ones, (users, lists[users, places])), shape=(len(lists), n))


def _coverage(counts: F64, facts: ItemFacts) -> F64:
    shown: F64 = (counts[:, facts.candidates] > 0).mean(axis=1)
    return shown


def _gini(counts: F64, facts: ItemFacts) -> F64:
    return variety.gini(counts[:, facts.candidates])


def _brand_ratio(counts: F64, facts: ItemFacts) -> F64:
    known = facts.brands >= 0
    if not known.any():
        return np.full(len(counts), np.nan)
    n = int(facts.brands.max()) + 1
    member = csr_matrix(
        (np.ones(known.sum()), (np.flatnonzero(known), facts.brands[known])),
        shape=(len(known), n),
    )
    of_brands = np.asarray(counts @ member)
    ratios = [exposure_ratio(line) for line in of_brands]
    return np.array([np.nan if ratio is None else ratio for ratio in ratios])


_TOGETHER: dict[str, Callable[[F64, ItemFacts], F64]] = {
    "catalog_coverage": _coverage,
    "gini_exposure": _gini,
    "brand_exposure_ratio": _brand_ratio,
}


_WITHIN = {
    "catalog_coverage": (0.0, 1.0),
    "gini_exposure": (0.0, 1.0),
    "brand_exposure_ratio": (1.0, np.inf),
}


def joined(
    of_folds: Sequence[dict[str, Together]], resample: Resample
) -> dict[str, Figure]:
    """Return the means over folds, with the spread of the users' draws."""
    return {
        name: resample.spread(
            float(np.mean([fold[name].value for fold in of_folds])),
            np.mean([fold[name].drawn for fold in of_folds], axis=0),
            within=_WITHIN[name.partition("@")[0]],
        )
        for name in of_folds[0]
    }
