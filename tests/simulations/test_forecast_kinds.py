"""What is forecast of each kind of rule is what it does once it is published."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Namespace
from tests.ranking.shops import Shop
from tests.rules.desks import OVERRIDES, Desk

from .conftest import check
from .test_forecasts import n_changed, pages, publish

pytestmark = pytest.mark.django_db(transaction=True)

ALL_OF_US = {"surface": "*", "boost_value": None}
PIN_OF_TAG = {
    "name": "A mug first",
    "action": "PIN",
    "target_key": "mug",
    "max_pins": 1,
    **ALL_OF_US,
}
BOOST_OF_TAG = {"name": "More tea", "target_key": "tea", "surface": "*"}
BURY_OF_TAG = {"name": "Less mugs", "action": "BURY", "target_key": "mug"}
FILTER_OF_BRAND = {
    "name": "Only two houses",
    "action": "FILTER",
    "target_type": "BRAND",
    "targets": ["tea house", "mug house"],
    **ALL_OF_US,
}


def test_of_all_kinds_together_from_a_later_moment_on(asked: Shop, desk: Desk) -> None:
    opens = timezone.now() + timedelta(days=3)
    path = desk.begin()
    for rule in (PIN_OF_TAG, BOOST_OF_TAG, BURY_OF_TAG, FILTER_OF_BRAND):
        desk.draft(path, **{"surface": "*", "valid_from": opens.isoformat()} | rule)
    before = pages(asked, at=opens)

    found = check(asked, path)
    publish(desk, path)

    after = pages(asked, at=opens)
    assert_told(found.report["forecast"], before, after)
    assert pages(asked, at=opens - timedelta(seconds=1)) == before


def test_of_an_override_that_waits_for_a_second_person(asked: Shop, desk: Desk) -> None:
    rows = Namespace.objects.filter(pk=asked.namespace.pk)
    rows.update(four_eyes=True)
    body = {"namespace": "shop", "surface": "home", "item_id": "mug3"}
    waiting = desk.ask("POST", OVERRIDES, body | {"action": "boost", "boost_value": 3})
    at = timezone.now()
    before = pages(asked, at=at)

    found = check(asked, waiting["change_set"], at=at)
    rows.update(four_eyes=False)
    publish(desk, waiting["change_set"])

    assert_told(found.report["forecast"], before, pages(asked, at=at))


def assert_told(forecast: Any, before: Any, after: Any) -> None:
    told = forecast["movement"]
    assert told["changed"] == n_changed(before, after) > 0
    assert told["touched"] == sum(before[key] != after[key] for key in before) > 0
