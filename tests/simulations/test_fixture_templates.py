"""The shipped templates are shops that every scenario can be played in."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.demo.fixtures import FixtureError, read_fixture
from simulations.core.scenarios.shops import ShopRequest
from simulations.queries.fixtures import fixture_path, shop_of
from simulations.queries.scenario_files import suite
from simulations.queries.templates import templates
from tests.clock import NOON


def test_there_is_one_for_each_trade() -> None:
    assert list(templates()) == ["bank", "marketplace", "media", "retail"]


@pytest.mark.parametrize("name", ["bank", "marketplace", "media", "retail"])
def test_a_template_knows_every_word_of_the_scenarios(name: str) -> None:
    shop, given = shop_of(ShopRequest(fixture=name, users=10, events=50), at=NOON)

    words = {word for scenario in suite() for word in scenario.given}
    tags = {tag for item in shop.items_in(range(72)) for tag in item.tags or []}
    assert words <= given.keys()
    assert {given["category_tag"], given["brand_tag"], given["margin_tag"]} <= tags
    assert len(shop.item_ids) == 72
    assert sum(len(block) for block in shop.events()) == 50


def test_a_name_that_is_neither_template_nor_file_is_told() -> None:
    with pytest.raises(FixtureError, match="Templates: bank, marketplace"):
        fixture_path("shop")


def test_a_misspelt_key_is_told_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "shop.json"
    path.write_text('{"items": [{"item_id": "a", "pricce": 3}], "itmes": []}')

    with pytest.raises(FixtureError) as caught:
        read_fixture(path, at=NOON)

    told = str(caught.value)
    assert "$.itmes: Nobody reads this key. Did you mean items?" in told
    assert "And 1 more." in told
