"""Asking for recommendations, over HTTP."""

from __future__ import annotations

from tests.ranking.shops import Shop, item


class TestRecommendations:
    def test_rank_items_as_soon_as_they_were_sent(self, shop: Shop):
        shop.sell(item("a"), item("b"))

        assert shop.ids() == ["a", "b"]
