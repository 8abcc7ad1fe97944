"""The page of a trace: read by a PM, replayed, asked about an item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from tests.ranking.builds import build
from tests.ranking.serve.replays import stored
from tests.ranking.shops import Shop, item, items

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True, kw_only=True)
class Page:
    """The trace of one answer, open in the admin."""

    staff: Client
    shop: Shop
    answer: dict[str, Any]
    rules: dict[str, str]

    def read(self, **asked: str) -> str:
        return self._get("admin:audit_decision_change", **asked)

    def replayed(self, **asked: str) -> str:
        return self._get("admin:ranking_decision_replay", **asked)

    def asked(self, item_id: str, **asked: str) -> str:
        return self._get("admin:ranking_decision_ask", ask=item_id, **asked)

    def compared(self, other: str) -> str:
        return self._get("admin:ranking_decision_compare", **{"with": other})

    def _get(self, name: str, **asked: str) -> str:
        page = reverse(name, args=[self.answer["decision_id"]])
        answer = self.staff.get(page, asked)
        assert answer.status_code == 200
        return unescape(answer.content.decode())


@pytest.fixture
def page(shop: Shop) -> Iterator[Page]:
    shop.sell(
        *items([f"tea{n}" for n in range(9)], tags=["tea"], brand="Acme"),
        item("gone", available=False, tags=["tea"]),
        item("dear", price=99, tags=["tea"]),
        item("quiet", tags=["odd"]),
    )
    shop.record(*[(f"u{n}", f"tea{m}", "view") for n in range(9) for m in range(n)])
    shop.record(*[("ana", f"tea{n}", "view") for n in range(4)])
    build(shop)
    rules = {
        name: shop.ask("/v1/admin/rules", name=name, surface="home", **body)["rule_id"]
        for name, body in {
            "Supplier notice": {
                "action": "BLOCK",
                "target_type": "ITEM",
                "item_ids": ["tea1"],
            },
            "Launch": {"action": "PIN", "target_type": "ITEM", "item_ids": ["tea7"]},
        }.items()
    }
    answer = shop.ask(
        "/v1/recommendations",
        user_id="ana",
        surface="home",
        k=4,
        constraints={"price_between": [1, 50]},
        overrides={"popularity_fanout": 6, "mmr_lambda": 1.0, "brand_cap": 0},
    )
    stored(shop, answer)
    account = get_user_model().objects.create_superuser(f"staff-{uuid4()}")
    client = Client()
    client.force_login(account)
    client.get(reverse("admin:index"), {"ns": shop.namespace.pk})
    yield Page(staff=client, shop=shop, answer=answer, rules=rules)
    account.delete()


def test_a_pm_reads_it_at_three_depths(page: Page) -> None:
    summary, steps = page.read(depth="summary"), page.read(ask="quiet")
    rules, everything = page.read(tab="rules"), page.read(depth="all")
    dropped = page.read(tab="dropped")
    by_rules = page.read(tab="dropped", stage="rules")

    assert "Home asked for 4 items for a known user" in summary
    assert "A pin and a block took part." in summary
    assert "blocked by a rule" in summary
    assert "variety moved them, and rules pinned 1." in summary
    assert "caps" not in summary
    assert "price_between" not in summary
    assert "Pinned here by a rule" in steps
    assert "action=BOOST&target_type=ITEM&target=quiet&surface=home" in steps
    assert "Took out 1 candidate." in rules
    assert "Put 1 item in a fixed place." in rules
    assert page.rules["Launch"] in rules
    assert "Dearer than the request allows." in dropped
    assert "Blocked by a rule." in by_rules
    assert "Dearer than the request allows." not in by_rules
    assert '"answer_digest"' in everything


def test_a_replay_of_then_shows_what_rules_did(page: Page) -> None:
    then, off = page.replayed(replay="then"), page.replayed(replay="rules_off")
    one = page.replayed(replay="without", rule=page.rules["Launch"])

    assert "the same answer again, to the byte" in then
    assert "same digest" in then
    assert "tea1 comes in at" in off
    assert "tea7 drops out from 1." in one
    assert "tea1 comes in" not in one


def test_a_replay_may_take_now_or_another_profile(page: Page) -> None:
    page.shop.ask("/v1/admin/recommendation/config", config={"mmr_lambda": 0.4})
    page.shop.sell(item("tea2", available=False, tags=["tea"]), item("later"))

    now, choices = page.replayed(replay="now"), page.replayed()
    told = page.replayed(replay="profile", profile="default@1")
    unknown = page.replayed(replay="profile", profile="default@99")

    assert "Now the same visitor, with the history of then, would see" in now
    assert "comes in" in now
    assert "default, version 1" in choices
    assert "With default, version 1, the answer of then would have" in told
    assert "there is no such one" in unknown
    assert "It came into the catalog only after this answer." in page.asked("later")


def test_a_snapshot_that_is_gone_says_so(page: Page) -> None:
    for file in settings.FILES_ROOT.glob(f"snapshots/{page.shop.namespace.pk}/*"):
        file.unlink()

    told = page.replayed(replay="then")

    assert "The snapshot that answered is not kept any more" in told
    assert "replay=now" in told
    blocked, quiet = page.asked("tea1"), page.asked("quiet")
    assert "is not kept any more" in blocked
    assert "Blocked by a rule." in blocked
    assert "it was no candidate" in quiet


WHY = {
    "nothing": "The catalog knows no item of this id, neither then nor now.",
    "gone": "Switched off in the catalog.",
    "dear": "Dearer than the request allows. The limit was 50.00.",
    "tea1": "A rule blocks it",
    "tea7": "It is in the list, at position 1: a rule pins it there.",
    "quiet": "no source proposed it",
}


def test_any_item_can_be_asked_about(page: Page) -> None:
    shown = {each["item_id"] for each in page.answer["items"]}
    missed = [f"tea{n}" for n in range(9) if f"tea{n}" not in shown | {"tea1"}]

    for item_id, sentence in WHY.items():
        told = page.asked(item_id)
        assert sentence in told
        assert "the same to the byte" in told
    assert "Supplier notice" in page.asked("tea1")
    assert "On home, block item tea1." in page.asked("tea1")
    assert any("it lacked 0." in page.asked(item_id) for item_id in missed)


def test_two_decisions_are_compared_and_nobody_sees_those_of_others(
    page: Page,
) -> None:
    other = page.shop.ask("/v1/recommendations", surface="home", k=4)
    stored(page.shop, other)
    stranger = Client()
    stranger.force_login(
        get_user_model().objects.create_user(f"staff-{uuid4()}", is_staff=True)
    )

    told = page.compared(other["decision_id"])

    assert "This one" in told
    assert "anonymous" in told
    assert "This namespace has no decision x." in page.compared("x")
    for name in ("replay", "ask", "compare"):
        fragment = f"admin:ranking_decision_{name}"
        address = reverse(fragment, args=[page.answer["decision_id"]])
        assert stranger.get(address).status_code in (403, 404)
