"""Fixtures by name or path, and the shops that are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from catalog.core.moments import microseconds
from catalog.demo.fixtures import Fixture, FixtureError, read_fixture
from catalog.demo.shop import Shop, Size, make_shop
from simulations.core.scenarios.shops import ShopRequest

from .templates import templates


def fixture_path(name: str) -> Path:
    """Return where a fixture lies: a shipped template's name, or a path.

    Raises
    ------
    FixtureError
        If there is neither.
    """
    known = templates()
    if name in known:
        return known[name]
    path = Path(name)
    if not path.is_file():
        raise FixtureError(
            f"{name} is neither a file nor a template. Templates:"
            f" {', '.join(known) or 'none'}."
        )
    return path.absolute()


def shop_of(request: ShopRequest, *, at: datetime) -> tuple[Shop, Mapping[str, str]]:
    """Return a shop, and the words that its fixture has for scenarios.

    Raises
    ------
    FixtureError
        With file, path and fault.
    """
    fixture = Fixture()
    if request.fixture is not None:
        fixture = read_fixture(fixture_path(request.fixture), at=at)
    size = Size(items=request.items, users=request.users, events=request.events)
    shop = make_shop(
        size=size, seed=request.seed, fixture=fixture, at_us=microseconds(at)
    )
    return shop, fixture.given
