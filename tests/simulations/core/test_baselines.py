"""Baselines against slow versions, and lists that hold only what they may."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from simulations.core.baselines import (
    best,
    close,
    cosine_neighbours,
    own_purchases,
    popularity,
)
from tests.support.examples import examples

quick = examples(40)


@st.composite
def purchases(draw):
    """Draw who had what: a dense matrix of users and items."""
    seed, users = draw(st.integers(0, 2**32 - 1)), draw(st.integers(1, 8))
    rng = np.random.default_rng(seed)
    return (rng.random((users, 9)) < 0.4).astype(np.float32)


@quick
@given(purchases(), st.integers(1, 9))
def test_neighbours_are_the_nearest_by_cosine(known, most):
    found = cosine_neighbours(csr_matrix(known), most=most).toarray()

    for item in range(known.shape[1]):
        likeness = {
            other: slow_cosine(known[:, item], known[:, other])
            for other in range(known.shape[1])
            if other != item
        }
        nearest = sorted(likeness.values(), reverse=True)[:most]
        kept = np.sort(found[:, item][found[:, item] > 0])[::-1]
        expected = [value for value in nearest if value > 0]
        assert kept.tolist() == pytest.approx(expected, abs=1e-6)
        for other in np.flatnonzero(found[:, item]):
            assert found[other, item] == pytest.approx(likeness[other], abs=1e-6)


def slow_cosine(one, other):
    sizes = float(one.sum() * other.sum())
    return float((one * other).sum()) / sizes**0.5 if sizes else 0.0


@quick
@given(purchases(), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_lists_hold_the_best_that_may_be_shown(known, k, seed):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 4, size=known.shape).astype(np.float32)
    candidates = rng.random(known.shape[1]) < 0.8

    open_to = scores.copy()
    close(open_to, excluded=csr_matrix(known), candidates=candidates)
    lists = best(open_to, k=k)

    for user, line in enumerate(lists.tolist()):
        allowed = [
            item
            for item in range(known.shape[1])
            if candidates[item] and not known[user, item]
        ]
        expected = sorted(allowed, key=lambda item: (-scores[user, item], item))[:k]
        assert line == expected + [-1] * (k - len(expected))


@given(purchases())
def test_popularity_counts_users(known):
    assert popularity(csr_matrix(known)).tolist() == known.sum(axis=0).tolist()


def test_own_items_go_before_popular_ones_by_how_often():
    amounts = csr_matrix(np.array([[0.0, 1.0, 3.0, 1.0]]))
    popular = np.array([9, 2, 1, 5], dtype=np.float32)

    order = np.argsort(-own_purchases(amounts, popular)[0]).tolist()

    assert order == [2, 3, 1, 0]
