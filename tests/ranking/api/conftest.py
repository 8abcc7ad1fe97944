"""A shop that has tastes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ranking.builds import build
from tests.ranking.shops import Shop, items


@pytest.fixture(autouse=True)
def unhurried(settings: Any) -> None:
    """Let every answer be a whole one, however busy the machine is."""
    settings.REQUEST_DEADLINE_MS = 60_000


@pytest.fixture
def tasteful(shop: Shop) -> Shop:
    """A shop with two tastes, tea and coffee, built; `ana` bought two kinds of tea."""
    shop.sell(
        *items([f"tea{n}" for n in range(8)], tags=["tea"], category="tea"),
        *items([f"coffee{n}" for n in range(8)], tags=["coffee"], category="coffee"),
    )
    for kind in ("tea", "coffee"):
        shop.record(
            *[
                (f"{kind}-lover{user}", f"{kind}{(user + step) % 8}", "purchase")
                for user in range(12)
                for step in range(4)
            ]
        )
    shop.record(("ana", "tea0", "purchase"), ("ana", "tea1", "purchase"))
    shop.record(("ana", "tea2", "click"))
    build(shop)
    return shop
