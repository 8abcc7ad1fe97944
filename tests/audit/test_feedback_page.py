"""The page of feedback, and what a trace's page loads of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.core.feedback import FeedbackIn
from audit.operations.feedback import store_feedback
from tests.admin.conftest import LogIn, Shops, log_in, shops
from tests.audit.feedback_shop import Shop

__all__ = ["log_in", "shops"]


@pytest.fixture
def shop(shops: Shops, spool_directory: Any) -> Shop:
    item = shops.their_item
    return Shop(shops.ours, {"i1": item.pk + 1_000, "i2": item.pk + 1_001})


@pytest.fixture
def viewer(log_in: LogIn) -> Client:
    return log_in("viewer")


def fill(shop: Shop, *, answers: int, at: datetime) -> UUID:
    """Answer so often, the first item clicked each time; return the last decision."""
    for _ in range(answers):
        decision_id = shop.answer(["i1", "i2"], at=at, surface="home")
        said = FeedbackIn(decision_id=decision_id, kind="click", slot=1)
        with shop.scope():
            store_feedback(shop.namespace, [said], at=at)
    shop.keep(at + timedelta(minutes=1))
    return decision_id


def page(client: Client, **query: str) -> str:
    answer = client.get(reverse("admin:audit_feedback_changelist"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_nothing_answered_says_how_to_send_feedback(viewer: Client, shop: Shop) -> None:
    assert "POST /v1/feedback:batch" in page(viewer)


def test_few_answers_are_not_enough_for_a_rate(viewer: Client, shop: Shop) -> None:
    fill(shop, answers=2, at=timezone.now() - timedelta(hours=2))
    shown = page(viewer)

    assert "not enough data" in shown
    assert "home" in shown


def test_rates_come_with_their_range(viewer: Client, shop: Shop) -> None:
    fill(shop, answers=60, at=timezone.now() - timedelta(hours=2))

    assert "between 41.19 and 58.81 %" in page(viewer)
    assert "Position 2" in page(viewer, by="slot")
    assert "default, version 3" in page(viewer, by="profile")
    assert reverse("admin:rules_rule_effects") in page(viewer, by="rule")


def test_a_trace_shows_what_came_of_it(viewer: Client, shop: Shop) -> None:
    decision_id = fill(shop, answers=1, at=timezone.now() - timedelta(hours=2))
    shown = viewer.get(reverse("admin:audit_feedback_of", args=[decision_id]))

    assert shown.status_code == 200
    assert "Counted" in shown.content.decode()


def test_another_tenants_answer_is_not_found(
    viewer: Client, shop: Shop, shops: Shops
) -> None:
    theirs = Shop(shops.theirs, {"i1": 1})
    decision_id = theirs.answer(["i1"], at=timezone.now())
    answer = viewer.get(reverse("admin:audit_feedback_of", args=[decision_id]))

    assert answer.status_code == 404


def test_rules_that_met_something_are_listed_with_what_they_did(
    viewer: Client, shop: Shop
) -> None:
    answer = viewer.get(reverse("admin:rules_rule_effects"))

    assert "No rule met an item in these days." in answer.content.decode()
