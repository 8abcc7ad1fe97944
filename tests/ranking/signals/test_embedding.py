from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.core.embedding import ItemText, content_hash, embed
from ranking.core.projection import project

words = st.text(st.characters(codec="utf-8"), max_size=20)
texts = st.builds(
    ItemText,
    title=words | st.none(),
    brand=words | st.none(),
    category_path=st.lists(words, max_size=3).map(tuple),
    tags=st.lists(words, max_size=3).map(tuple),
    description=words | st.none(),
)


class TestEmbed:
    def test_places_like_near_like(self):
        chair, seat, novel = embed(
            [
                ItemText("Garden chair", category_path=("Garden", "Chairs")),
                ItemText(
                    "Garden chairs, set of two", category_path=("Garden", "Chairs")
                ),
                ItemText("Crime novel", category_path=("Books",)),
            ]
        )

        assert chair @ seat > 0.5
        assert chair @ novel < 0.3

    def test_gives_items_without_words_no_place(self):
        assert not embed([ItemText(), ItemText(title="…", tags=("",))]).any()

    def test_reads_the_first_200_characters_of_a_description(self):
        beginning = "word " * 40
        one, other = embed(
            [
                ItemText(description=beginning + "apple"),
                ItemText(description=beginning + "pear"),
            ]
        )

        np.testing.assert_array_equal(one, other)

    def test_does_not_change_between_versions(self):
        # A changed vector space needs a new model name, or old and new would mix.
        vector = embed([ItemText("Blue mug", "Acme", ("Home",), ("gift",), "A mug.")])

        assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-6)
        assert vector[0, :4].tolist() == pytest.approx(
            [-0.0615, -0.1801, -0.3752, 0.1364], abs=1e-4
        )

    @given(st.lists(texts, min_size=1, max_size=8))
    def test_gives_each_item_the_same_vector_alone_and_in_company(self, items):
        together = embed(items)

        apart = np.concatenate([embed([item]) for item in items])
        np.testing.assert_array_equal(together, apart)

    @given(texts)
    def test_is_of_unit_length_or_zero(self, item):
        length = float(np.linalg.norm(embed([item])))

        assert length == 0.0 or abs(length - 1.0) < 1e-5


class TestContentHash:
    def test_changes_with_what_is_read(self):
        item = ItemText("Mug", "Acme", ("Home",), ("gift",), "Blue")

        changed = [
            item._replace(title="Cup"),
            item._replace(brand=None),
            item._replace(category_path=("Home", "Kitchen")),
            item._replace(tags=("gift", "new")),
            item._replace(description="Red"),
        ]

        assert len({content_hash(each) for each in [item, *changed]}) == 6
        assert content_hash(item._replace(description="Blue")) == content_hash(item)


class TestProject:
    def test_keeps_cosines_roughly(self):
        rng = np.random.default_rng(0)
        vectors = rng.normal(size=(50, 384))
        vectors[25:] = vectors[:25] + 0.5 * rng.normal(size=(25, 384))

        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        projected = project(vectors)

        errors = projected @ projected.T - unit @ unit.T
        assert np.abs(errors).mean() < 0.12
        assert np.einsum("ij,ij->i", projected[:25], projected[25:]).min() > 0.6

    def test_keeps_short_vectors_exactly(self):
        vectors = np.random.default_rng(0).normal(size=(5, 64))

        cosines = project(vectors) @ project(vectors).T

        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        np.testing.assert_allclose(cosines, unit @ unit.T, atol=1e-6)

    def test_survives_large_numbers(self):
        assert np.isfinite(project(np.full((1, 100), 60_000.0, np.float16))).all()

    @pytest.mark.parametrize("wrong", [np.zeros(3), np.array([[np.nan]])])
    def test_refuses_what_is_no_matrix_of_numbers(self, wrong):
        with pytest.raises(ValueError, match="vectors must be"):
            project(wrong)
