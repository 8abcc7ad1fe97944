"""An answer is given again: as it was, now, or with something otherwise."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from ranking.operations.build_retention import collect_builds
from ranking.queries.decided import _opened
from tests.ranking.builds import build
from tests.ranking.serve.replays import stored
from tests.ranking.shops import Shop, item, items

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def answered(shop: Shop) -> dict[str, Any]:
    shop.sell(*items([f"tea{n}" for n in range(8)], tags=["tea"]))
    shop.record(*[("ana", f"tea{n}", "view") for n in range(4)])
    build(shop)
    answer: dict[str, Any] = shop.ask("/v1/recommendations", user_id="ana", k=5)
    stored(shop, answer)
    return answer


def replay_of(shop: Shop, answer: dict[str, Any], status: int = 200, **body: Any):
    path = f"/v1/audit/decisions/{answer['decision_id']}/replay"
    response = shop.post(path, body)
    assert response.status_code == status, response.content
    return response.json()


class TestReplay:
    def test_then_is_identical_whatever_happened_since(self, shop: Shop, answered):
        shop.sell(item("tea0", available=False), item("new", tags=["tea"]))
        shop.record(("ana", "tea7", "purchase"))
        shop.ask("/v1/admin/recommendation/config", config={"mmr_lambda": 0.1})
        build(shop)

        again = replay_of(shop, answered)

        assert again["identical"]
        assert again["differences"] == []
        assert [i["item_id"] for i in again["items"]] == [
            i["item_id"] for i in answered["items"]
        ]

    def test_now_says_in_words_what_is_otherwise(self, shop: Shop, answered):
        first = answered["items"][0]["item_id"]
        shop.sell(item(first, available=False))

        again = replay_of(shop, answered, mode="now")

        assert not again["identical"]
        sentences = [each["sentence"] for each in again["differences"]]
        assert f"{first} drops out from 1." in sentences

    def test_with_another_profile_ranks_by_it(self, shop: Shop, answered):
        shop.ask("/v1/admin/recommendation/config", config={"blend_alpha": 0})
        shop.ask("/v1/admin/recommendation/config", config={"mmr_lambda": 1})

        again = replay_of(shop, answered, profile="default", profile_version=1)
        unknown = replay_of(shop, answered, 400, profile_version=9, profile="default")

        assert not again["identical"]
        assert unknown["code"] == "profile_not_found"

    def test_without_a_rule_that_took_no_part_says_so(self, shop: Shop, answered):
        again = replay_of(shop, answered, without_rules=["launch"])

        assert again["identical"]
        assert again["warnings"] == [
            "without_rules: launch took no part in this answer."
        ]

    def test_of_an_erased_user_is_gone(self, shop: Shop, answered):
        shop.ask("/v1/users:delete", user_id="ana")

        assert replay_of(shop, answered, 410)["code"] == "user_erased"

    def test_without_its_snapshot_is_gone_and_says_so(self, shop: Shop, answered):
        for file in settings.FILES_ROOT.glob(f"snapshots/{shop.namespace.pk}/*"):
            file.unlink()

        assert replay_of(shop, answered, 410)["code"] == "snapshot_expired"

    def test_goes_on_while_the_replay_window_lasts_and_no_longer(
        self, shop: Shop, answered
    ):
        for n in range(4):
            shop.sell(item(f"later{n}"))
            build(shop)
        within = timezone.now() + timedelta(days=6)
        after = timezone.now() + timedelta(days=8)

        collect_builds(shop.namespace, at=within, files_root=settings.FILES_ROOT)
        assert replay_of(shop, answered)["identical"]

        collect_builds(shop.namespace, at=after, files_root=settings.FILES_ROOT)
        _opened.cache_clear()
        gone = replay_of(shop, answered, 410)
        assert gone["code"] == "snapshot_expired"
        assert "Replay it now instead" in gone["message"]

    def test_of_what_was_never_answered_is_not_found(self, shop: Shop):
        never = {"decision_id": "0199a7c2-6b1e-7c3a-9d42-5f0e8a1b2c3d"}

        assert replay_of(shop, never, 404)["code"] == "decision_not_found"
