from __future__ import annotations

import hypothesis.extra.numpy as nph
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.core.search import fold_in, scan
from ranking.core.strongest import reaching, strongest
from ranking.core.vectors import Vectors, quantised
from rules.core.rounding import rounded


def clouds(n=4000, d=16, lists=40, seed=3):
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((lists, d))
    assigned = rng.integers(0, lists, n).astype(np.int32)
    matrix = centres[assigned] + 0.5 * rng.standard_normal((n, d))
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    matrix = matrix.astype(np.float32)
    centroids = np.stack([matrix[assigned == i].mean(axis=0) for i in range(lists)])
    return matrix, Vectors.grouped(matrix, centroids=centroids, assigned=assigned)


class TestQuantised:
    @given(
        nph.arrays(np.float64, (5, 8), elements=st.floats(-3, 3, width=16)),
        nph.arrays(np.float64, (5, 8), elements=st.floats(-100, 100, width=16)),
        st.permutations(range(8)),
    )
    def test_makes_products_exact_in_any_order(self, left, right, order):
        left, right = quantised(left), quantised(right)

        forwards = left @ right.T
        otherwise = left[:, order] @ right[:, order].T
        exactly = left.astype(np.float64) @ right.astype(np.float64).T

        assert np.array_equal(forwards, otherwise)
        assert np.array_equal(forwards, exactly)

    def test_changes_a_unit_vector_by_little(self):
        matrix, _ = clouds()

        assert np.abs(quantised(matrix) - matrix).max() <= 2**-12


class TestScan:
    def test_finds_in_lists_what_comparing_all_finds(self):
        matrix, grouped = clouds()
        query = quantised(matrix[:1])

        everything = scan(Vectors.exact(matrix), query, least=1)
        near = scan(grouped, query, least=1000)
        best = np.argsort(-everything.products[0], kind="stable")[:50]

        found = set(near.rows.tolist())
        assert len(found & set(best.tolist())) >= 45
        assert 1000 <= len(found) < 1500

    def test_gives_one_score_whether_or_not_an_item_was_compared(self):
        matrix, grouped = clouds()
        query = quantised(matrix[:2])
        rows = np.array([0, 7, 3999, 4000])

        exact = scan(Vectors.exact(matrix), query, least=1).at(rows)
        near = scan(grouped, query, least=10).at(rows)

        assert np.array_equal(exact, near)
        assert not exact[:, 3].any()

    def test_finds_nothing_among_no_vectors(self):
        assert scan(
            Vectors.empty(4), np.ones((1, 4), np.float32), least=9
        ).products.shape == (1, 0)


class TestFoldIn:
    def test_is_a_half_step_of_the_training(self):
        rng = np.random.default_rng(1)
        factors = rng.standard_normal((30, 4))
        seen, strengths = [2, 5, 9], np.array([0.3, 1.0, 0.7])
        confidence = np.ones(30)
        confidence[seen] += 10 * strengths
        wanted = np.zeros(30)
        wanted[seen] = 1.0
        left = factors.T @ (confidence[:, None] * factors) + 0.1 * np.eye(4)
        expected = np.linalg.solve(left, factors.T @ (confidence * wanted))

        found = fold_in(
            factors[seen],
            strengths,
            gram=factors.T @ factors + 0.1 * np.eye(4),
            alpha=10,
        )

        assert found == pytest.approx(expected)


class TestStrongest:
    @given(st.lists(st.integers(0, 5), max_size=60), st.integers(0, 70))
    def test_is_the_beginning_of_the_sorted_list(self, scores, limit):
        scores = np.array(scores, dtype=float)
        id_rank = np.random.default_rng(0).permutation(len(scores)).astype(float)

        expected = sorted(range(len(scores)), key=lambda i: (-scores[i], id_rank[i]))

        assert strongest(scores, id_rank, limit=limit).tolist() == expected[:limit]

    @given(st.integers(1, 3000), st.integers(0, 2**32 - 1), st.integers(1, 40))
    def test_reaches_the_cut_in_long_lists_too(self, limit, seed, levels):
        scores = np.random.default_rng(seed).integers(0, levels, 2500).astype(float)
        least = np.sort(scores)[::-1][min(limit, 2500) - 1]

        assert (
            reaching(scores, limit).tolist() == np.flatnonzero(scores >= least).tolist()
        )


class TestRounded:
    @given(st.lists(st.floats(-1e12, 1e12, allow_subnormal=False), max_size=20))
    def test_keeps_nine_digits(self, values):
        found = rounded(np.array(values))

        assert found.tolist() == pytest.approx(
            [float(f"{value:.9g}") for value in values], rel=2e-9, abs=1e-290
        )

    @given(st.floats(1e-9, 1e9))
    def test_makes_one_of_values_that_differ_in_the_last_bits(self, value):
        once = rounded(np.array([value]))

        assert rounded(once).tolist() == once.tolist()
