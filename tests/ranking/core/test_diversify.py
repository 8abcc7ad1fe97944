from __future__ import annotations

import hypothesis.extra.numpy as nph
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from ranking.core.caps import Cap, make_caps
from ranking.core.diversify import Diversity, by_content, by_tags, diversify
from ranking.core.knobs import Knobs
from ranking.core.request import Constraints
from ranking.core.vectors import quantised
from tests.ranking.worlds import Item, make_world

SHIRT, HAT = [1.0, 0.0], [0.0, 1.0]


def vectors(*rows):
    return np.array(rows, dtype=np.float32)


def brand_cap(limit, *brands):
    values = [frozenset({brand} if brand else ()) for brand in brands]
    return Cap(dimension="brand", limit=limit, values=values)


@st.composite
def scored(draw):
    n = draw(st.integers(0, 30))
    scores = -np.sort(-draw(nph.arrays(np.float64, n, elements=st.floats(0, 1))))
    directions = draw(nph.arrays(np.float64, (n, 3), elements=st.floats(0.1, 1)))
    lengths = np.linalg.norm(directions, axis=1, keepdims=True)
    return scores, quantised(directions / lengths, longest=1.0)


class TestDiversify:
    def test_puts_a_near_duplicate_after_something_new(self):
        page = diversify(
            np.array([0.9, 0.8, 0.5]),
            likeness=by_content(vectors(SHIRT, SHIRT, HAT)),
            wanted=Diversity(limit=3, tradeoff=0.5),
        )

        assert page.picks.tolist() == [0, 2, 1]

    def test_weighs_relevance_against_likeness_as_the_reference_does(self):
        # A candidate as good as the best, of Jaccard .5 with it: .23 - .77 * .5.
        codes, owner = np.array([1, 2, 1, 2, 3, 4]), np.array([0, 0, 1, 1, 1, 1])

        page = diversify(
            np.array([1.0, 1.0]),
            likeness=by_tags(codes, owner, n=2),
            wanted=Diversity(limit=2, tradeoff=0.23),
        )

        value = 0.23 * 1.0 - 0.77 * page.nearest[1]
        assert value == pytest.approx(-0.155)

    @given(scored(), st.integers(0, 40), st.floats(0, 1))
    def test_fills_the_page_without_repeats(self, products, limit, tradeoff):
        scores, directions = products

        page = diversify(
            scores,
            likeness=by_content(directions),
            wanted=Diversity(limit=limit, tradeoff=tradeoff),
        )

        assert len(page.picks) == min(limit, len(scores))
        assert len(set(page.picks.tolist())) == len(page.picks)

    @given(scored(), st.sampled_from([1.0, None]))
    def test_keeps_the_order_of_scores_when_nothing_trades(self, products, tradeoff):
        scores, directions = products

        page = diversify(
            scores,
            likeness=by_content(directions),
            wanted=Diversity(limit=len(scores), tradeoff=tradeoff),
        )

        assert page.picks.tolist() == list(range(len(scores)))

    def test_means_diversity_alone_by_zero(self):
        page = diversify(
            np.array([0.9, 0.8, 0.0]),
            likeness=by_content(vectors(SHIRT, SHIRT, HAT)),
            wanted=Diversity(limit=2, tradeoff=0.0),
        )

        assert page.picks.tolist() == [0, 2]

    def test_never_exceeds_a_strict_cap(self):
        page = diversify(
            np.array([4.0, 3.0, 2.0, 1.0]),
            likeness=None,
            wanted=Diversity(
                limit=4, caps=(brand_cap(2, "a", "a", "a", None),), is_strict=True
            ),
        )

        assert page.picks.tolist() == [0, 1, 3]
        assert page.is_short
        assert not page.relaxed

    def test_exceeds_a_cap_one_by_one_rather_than_leave_a_place_empty(self):
        page = diversify(
            np.array([4.0, 3.0, 2.0, 1.0]),
            likeness=None,
            wanted=Diversity(limit=3, caps=(brand_cap(1, "a", "a", "a", "b"),)),
        )

        assert page.picks.tolist() == [0, 3, 1]
        assert page.relaxed == {1}

    def test_counts_pinned_candidates_for_caps_and_likeness(self):
        page = diversify(
            np.array([4.0, 3.0, 2.0, 0.0]),
            likeness=by_content(vectors(SHIRT, HAT, HAT, SHIRT)),
            wanted=Diversity(
                limit=2,
                tradeoff=0.9,
                caps=(brand_cap(1, "a", "b", "c", "a"),),
                pinned=[3],
            ),
        )

        assert page.picks.tolist() == [1, 2]


class TestByTags:
    def test_is_the_jaccard_index(self):
        likeness = by_tags(np.array([1, 2, 2, 3]), np.array([0, 0, 1, 1]), n=3)

        assert likeness(0)[:2].tolist() == [1.0, pytest.approx(1 / 3)]
        assert likeness(0)[2] == 0


class TestMakeCaps:
    KNOBS = Knobs(brand_cap=1, category_cap=1)

    def caps(self, *items, wanted=(), knobs=KNOBS):
        world = make_world(*items)
        constraints = Constraints(include_tags_any=wanted)
        rows = np.arange(len(items))
        return {
            cap.dimension: [sorted(values) for values in cap.values]
            for cap in make_caps(
                world.select(rows), knobs=knobs, constraints=constraints
            )
        }

    def test_reads_columns_and_prefixed_tags(self):
        caps = self.caps(
            Item(item_id="a", brand="Acme", category=["x", "Hat"]),
            Item(item_id="b", tags=["brand:acme", "cat:shoe"]),
            Item(item_id="c", brand="Bolt", tags=["Brand:Acme"]),
        )

        assert caps == {
            "brand": [["acme"], ["acme"], ["acme", "bolt"]],
            "category": [["hat"], ["shoe"], []],
        }

    def test_does_not_cap_what_the_request_narrowed_to_one_value(self):
        items = (
            Item(item_id="a", tags=["brand:acme"], category=["x"]),
            Item(item_id="b", tags=["brand:bolt"], category=["y"]),
        )

        assert set(self.caps(*items, wanted=("Brand:Acme",))) == {"category"}

    def test_does_not_cap_a_page_of_one_brand(self):
        items = (Item(item_id="a", brand="Acme"), Item(item_id="b", brand="acme"))

        assert self.caps(*items) == {}


def test_diversity_alone_takes_the_better_of_about_equally_new_items():
    # The third is newer than the second by a hundredth of a likeness, and much worse.
    vectors = np.array([[1, 0], [0.52, 0.854], [0.51, 0.86]], dtype=np.float32)

    page = diversify(
        np.array([0.9, 0.8, 0.1]),
        likeness=by_content(vectors),
        wanted=Diversity(limit=2, tradeoff=0.0),
    )

    assert page.picks.tolist() == [0, 1]
