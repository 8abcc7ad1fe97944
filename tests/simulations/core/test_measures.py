"""Measures against numbers worked by hand, a library, and slow second versions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from implicit.evaluation import ranking_metrics_at_k
from scipy import stats
from scipy.sparse import csr_matrix

from simulations.core import accuracy, variety
from simulations.core.measuring import Judged
from tests.support.examples import examples

N_ITEMS = 30
quick = examples(40)


@st.composite
def judged_lists(draw):
    """Draw lists of distinct items and what is relevant to each of some users."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    users, k = draw(st.integers(1, 6)), draw(st.integers(1, 12))
    lists = np.stack([rng.permutation(N_ITEMS)[:k] for _ in range(users)])
    short = draw(st.integers(0, k - 1))
    lists[0, k - short :] = -1
    relevance = np.where(
        rng.random((users, N_ITEMS)) < 0.2, rng.integers(1, 4, (users, N_ITEMS)), 0
    ).astype(float)
    relevance[relevance.sum(axis=1) == 0, 0] = 1.0
    return lists, relevance, draw(st.integers(1, k))


def judged(lists, relevance):
    found = Judged.of(csr_matrix(relevance), k=lists.shape[1])
    return found, found.gains(lists)


class TestByHand:
    """Lists i1, i2, i3 of which i1 and i3 are relevant, as the reference has them."""

    LISTS = np.array([[0, 1, 2]])
    RELEVANCE = np.array([[1.0, 0.0, 1.0]])

    def test_comes_to_the_numbers_of_the_reference(self) -> None:
        known, gains = judged(self.LISTS, self.RELEVANCE)

        assert accuracy.precision(gains, k=2).tolist() == [0.5]
        assert accuracy.recall(gains, known.n_relevant, k=2).tolist() == [0.5]
        assert accuracy.ndcg(gains, known.ideal, k=3) == pytest.approx(0.9197, abs=1e-4)
        found = accuracy.average_precision(gains, known.n_relevant, k=3)
        assert found == pytest.approx(0.8333, abs=1e-4)
        assert accuracy.hit_rate(gains, k=1).tolist() == [1.0]

    def test_cuts_where_the_name_says(self) -> None:
        _, gains = judged(np.array([[1, 3, 4, 0]]), np.eye(5)[:1])

        assert accuracy.hit_rate(gains, k=3).tolist() == [0.0]
        assert accuracy.mrr(gains, k=4).tolist() == [0.25]

    def test_weighs_what_matters_more(self) -> None:
        known, gains = judged(np.array([[0, 1]]), np.array([[1.0, 2.0]]))

        # (1 + 3 / log2 3) / (3 + 1 / log2 3)
        expected = (1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3))
        assert accuracy.ndcg(gains, known.ideal, k=2) == pytest.approx(expected)

    def test_novelty_and_evenness_are_those_of_the_reference(self) -> None:
        lists, shown = np.array([[0, 1], [0, 2]]), np.array([2, 1, 2, 1])

        assert variety.novelty(lists, shown, k=2).mean() == pytest.approx(
            1.835, abs=1e-3
        )
        evenness = variety.entropy(np.array([[2.0, 1.0, 1.0]])) / math.log2(3)
        assert evenness == pytest.approx(0.946, abs=1e-3)


class Fixed:
    """A model, as the library asks one, that always answers the same."""

    def __init__(self, lists):
        self.lists = lists

    def recommend(self, users, _items, **_wanted):
        return self.lists[users], np.zeros(self.lists[users].shape)


class TestAgainstALibrary:
    @quick
    @given(judged_lists())
    def test_ndcg_and_map_equal_those_of_implicit(self, case) -> None:
        lists, relevance, _ = case
        if (lists < 0).any():
            return  # the library has no empty places
        binary = (relevance > 0).astype(np.float64)
        k = lists.shape[1]
        known, gains = judged(lists, binary)

        theirs = ranking_metrics_at_k(
            Fixed(lists.astype(np.int32)),
            csr_matrix(np.zeros(binary.shape)),
            csr_matrix(binary),
            K=k,
            show_progress=False,
            num_threads=1,
        )

        ours = accuracy.ndcg(gains, known.ideal, k=k).mean()
        assert ours == pytest.approx(theirs["ndcg"])
        found = accuracy.average_precision(gains, known.n_relevant, k=k).mean()
        assert found == pytest.approx(theirs["map"])

    @quick
    @given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(0, 9))
    def test_auc_equals_the_statistic_of_mann_and_whitney(
        self, seed, relevant, closed
    ) -> None:
        rng = np.random.default_rng(seed)
        scores = rng.integers(0, 6, size=80) / 5.0
        order = rng.permutation(80)
        wanted, shut = order[:relevant], order[relevant : relevant + closed]
        others = np.delete(scores, order[: relevant + closed])

        u = stats.mannwhitneyu(scores[wanted], others).statistic

        expected = u / (relevant * len(others))
        open_to = scores.copy()
        open_to[shut] = -np.inf
        found = accuracy.auc_of(open_to, scores[wanted], n_closed=closed)
        assert found == pytest.approx(expected)
        if not closed:
            assert accuracy.auc(scores, wanted) == found

    @quick
    @given(st.lists(st.integers(0, 9), min_size=1, max_size=9).filter(any))
    def test_entropy_equals_that_of_scipy(self, counts) -> None:
        found = variety.entropy(np.array([counts], dtype=float))

        assert found[0] == pytest.approx(stats.entropy(counts, base=2), abs=1e-12)


class TestAgainstSlowVersions:
    @quick
    @given(judged_lists())
    def test_measures_single_lists_as_loops_do(self, case) -> None:
        lists, relevance, k = case
        known, gains = judged(lists, relevance)

        for user, shown in enumerate(lists.tolist()):
            mine = [relevance[user, item] if item >= 0 else 0.0 for item in shown[:k]]
            best = sorted(relevance[user], reverse=True)[:k]
            hits = [place for place, gain in enumerate(mine, start=1) if gain > 0]
            n = int((relevance[user] > 0).sum())
            assert gains[user, :k].tolist() == mine
            assert accuracy.ndcg(gains, known.ideal, k=k)[user] == pytest.approx(
                slow_dcg(mine) / slow_dcg(best)
            )
            assert accuracy.mrr(gains, k=k)[user] == (1 / hits[0] if hits else 0)
            found = accuracy.recall(gains, known.n_relevant, k=k)[user]
            assert found == pytest.approx(len(hits) / n)
            assert accuracy.precision(gains, k=k)[user] == pytest.approx(len(hits) / k)

    @quick
    @given(judged_lists(), st.integers(0, 2**32 - 1))
    def test_measures_variety_as_loops_do(self, case, seed) -> None:
        lists, relevance, k = case
        rng = np.random.default_rng(seed)
        vectors = rng.normal(size=(N_ITEMS, 4)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        categories = rng.integers(-1, 4, size=N_ITEMS)
        expected = lists[:, ::-1]
        _, gains = judged(lists, relevance)

        alike = variety.intra_list_similarity(lists, vectors, k=k)
        mixed = variety.category_entropy(lists, categories, k=k)
        lucky = variety.serendipity(gains, lists, expected, k=k)

        for user, line in enumerate(lists.tolist()):
            shown = [item for item in line[:k] if item >= 0]
            pairs = [
                float(vectors[a] @ vectors[b])
                for at, a in enumerate(shown)
                for b in shown[at + 1 :]
            ]
            mean = sum(pairs) / len(pairs) if pairs else math.nan
            assert alike[user] == pytest.approx(mean, abs=1e-5, nan_ok=True)
            codes = [int(categories[i]) for i in shown if categories[i] >= 0]
            bits = stats.entropy(np.bincount(codes), base=2) if codes else math.nan
            assert mixed[user] == pytest.approx(bits, abs=1e-9, nan_ok=True)
            known = set(expected[user, :k].tolist())
            surprises = [i for i in shown if relevance[user, i] > 0 and i not in known]
            assert lucky[user] == pytest.approx(len(surprises) / k)

    @quick
    @given(st.lists(st.integers(0, 9), min_size=1, max_size=8).filter(any))
    def test_gini_is_half_the_relative_mean_difference(self, counts) -> None:
        n, total = len(counts), sum(counts)
        apart = sum(abs(a - b) for a in counts for b in counts)

        found = variety.gini(np.array([counts], dtype=float))[0]

        assert found == pytest.approx(apart / (2 * n * total), abs=1e-12)


def slow_dcg(gains):
    return sum(
        (2 ** min(gain, accuracy.MOST_RELEVANCE) - 1) / math.log2(rank + 1)
        for rank, gain in enumerate(gains, start=1)
    )
