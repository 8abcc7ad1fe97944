"""What Prometheus is told of publications and of leaks."""

from __future__ import annotations

import msgspec
import numpy as np
from prometheus_client import REGISTRY

from ranking.core.pipeline import rank
from ranking.core.policy import leaks_by_reason
from ranking.core.request import Constraints, Request
from rules.metrics import count_leaks
from tests.ranking.builds import build
from tests.ranking.core.test_pipeline import inputs_of
from tests.ranking.shops import Shop, items
from tests.ranking.worlds import Item
from tests.ranking.worlds import Shop as World
from tests.rules.desks import Desk


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_the_time_until_a_publication_is_obeyed_is_counted(shop: Shop) -> None:
    shop.sell(*items(["a", "b"], tags=["sale"]))
    build(shop)
    desk = Desk(shop.org_id)
    shop.ids(surface="home")
    name = "policy_publish_to_served_seconds"
    before = value(f"{name}_count", namespace="shop")

    desk.make()
    shop.ids(surface="home")
    shop.ids(surface="home")

    assert value(f"{name}_count", namespace="shop") == before + 1
    assert value(f"{name}_bucket", namespace="shop", le="60.0") >= before + 1


def test_an_item_against_the_constraints_is_a_leak() -> None:
    goods = [Item(item_id="dear", price=99.0), Item(item_id="cheap", price=1.0)]
    request = Request(constraints=Constraints(price_min=50.0))
    pool = rank(inputs_of(World(items=goods), request, [])).pool
    everything = pool.world.select(np.array([0, 1]))
    leaky = msgspec.structs.replace(pool, items=everything)

    assert leaks_by_reason(pool, np.arange(len(pool))) == {}
    assert leaks_by_reason(leaky, np.array([0, 1])) == {"price_below_min": 1}


def test_leaks_are_counted_by_the_constraint_that_they_break() -> None:
    labels = {"namespace": "leaky", "surface": "home", "reason": "price_above_max"}
    count_leaks("Leaky", "home", {"price_above_max": 2})

    assert value("policy_constraint_leak_total", **labels) == 2
