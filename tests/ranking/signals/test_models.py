from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.training.als import AlsSettings, ItemFactors, gram, train_factors
from ranking.training.ease import strongest_of_rows, train_ease
from ranking.training.ivf import assign, centroids_of
from ranking.training.matrix import to_matrix

SETTINGS = AlsSettings(
    dimensions=8, iterations=10, regularization=0.05, alpha=10.0, seed=3, threads=2
)


def two_tastes(*, users=40, items=10, seed=0):
    """Users of even number like the lower half of the items, the others the upper."""
    rng = np.random.default_rng(seed)
    triples = sorted(
        {
            (user, int(rng.integers(0, items // 2)) + (user % 2) * items // 2)
            for user in range(users)
            for _ in range(4)
        }
    )
    user_numbers, item_numbers = map(np.array, zip(*triples, strict=True))
    return to_matrix(
        user_numbers, item_numbers, np.ones(len(triples), dtype=np.float32)
    )


def slow_ease(matrix, *, penalty):
    dense = matrix.strengths.toarray().astype(np.float64)
    g = dense.T @ dense
    p = np.linalg.inv(g + penalty * g.diagonal().mean() * np.eye(len(g)))
    weights = -p / p.diagonal()
    np.fill_diagonal(weights, 0.0)
    return weights


@given(st.lists(st.integers(-3, 4), min_size=12, max_size=12), st.integers(1, 6))
def test_the_strongest_are_those_of_a_whole_sort(values, most):
    rows = np.array(values, dtype=np.float32).reshape(2, 6)
    expected = [
        (line, column, rows[line, column])
        for line in range(2)
        for column in np.argsort(-rows[line], kind="stable")[:most].tolist()
        if rows[line, column] > 0
    ]

    found = strongest_of_rows(rows, most=most)

    assert list(zip(*(each.tolist() for each in found), strict=True)) == expected


class TestEase:
    def test_equals_its_definition(self):
        matrix = two_tastes()

        found = train_ease(matrix, most_items=10, penalty=0.5, weights_per_item=10)

        dense = np.zeros((10, 10))
        dense[found.items, found.others] = found.weights
        expected = np.maximum(slow_ease(matrix, penalty=0.5), 0.0)
        np.testing.assert_allclose(dense, expected, atol=1e-5)

    def test_keeps_the_strongest_weights_first(self):
        found = train_ease(two_tastes(), most_items=10, penalty=0.5, weights_per_item=2)

        first = found.weights[found.items == 0]
        assert len(first) == 2
        assert first[0] >= first[1] > 0

    def test_takes_the_most_used_items_of_a_large_catalog(self):
        matrix = two_tastes()
        users = np.bincount(matrix.strengths.indices)

        found = train_ease(matrix, most_items=4, penalty=0.5, weights_per_item=9)

        most_used = set(np.argsort(-users, kind="stable")[:4].tolist())
        assert set(found.items.tolist()) <= most_used


class TestFactors:
    def test_brings_what_the_same_users_like_together(self):
        settings = dataclasses.replace(SETTINGS, dimensions=2)
        factors = train_factors(two_tastes(), settings).factors

        unit = factors / np.linalg.norm(factors, axis=1, keepdims=True)
        cosines = unit @ unit.T
        assert cosines[:5, :5].mean() > 0.5 > cosines[:5, 5:].mean()

    def test_is_the_same_every_time(self):
        one, other = (train_factors(two_tastes(), SETTINGS) for _ in range(2))

        np.testing.assert_array_equal(one.factors, other.factors)

    def test_starts_from_former_factors(self):
        matrix = two_tastes()
        former = train_factors(matrix, SETTINGS)
        fewer = ItemFactors(items=former.items[1:], factors=former.factors[1:])

        again = train_factors(matrix, SETTINGS, warm=fewer)

        # Nearly at rest already: the factors of known items hardly move.
        cosines = np.sum(again.factors * former.factors, axis=1) / (
            np.linalg.norm(again.factors, axis=1)
            * np.linalg.norm(former.factors, axis=1)
        )
        assert cosines[1:].min() > 0.9

    def test_adds_up_the_gram_matrix(self):
        factors = np.array([[1, 2], [3, 4]], dtype=np.float32)

        found = gram(factors, regularization=0.5)

        np.testing.assert_allclose(found, [[10.5, 14.0], [14.0, 20.5]])


class TestLists:
    def test_finds_clusters(self):
        rng = np.random.default_rng(0)
        centres = np.eye(4, dtype=np.float32) * 10
        points = np.repeat(centres, 50, axis=0)
        points = points + rng.normal(0, 0.1, points.shape).astype(np.float32)

        found = assign(points, centroids_of(points, lists=4, seed=11))

        groups = found.reshape(4, 50)
        assert all(len(set(group.tolist())) == 1 for group in groups)

    def test_is_the_same_every_time(self):
        points = np.random.default_rng(5).random((300, 8), dtype=np.float32)

        one, other = (centroids_of(points, lists=9, seed=2) for _ in range(2))

        np.testing.assert_array_equal(one, other)

    @pytest.mark.parametrize("lists", [1, 3])
    def test_takes_as_few_vectors_as_lists(self, lists):
        points = np.eye(3, dtype=np.float32)

        assert centroids_of(points, lists=lists, seed=0).shape == (lists, 3)
