"""What rules did is kept with the decision, and replayed with it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.tenancy import org_scope
from ranking.serve import Mode, Variation, replay
from tests.ranking.builds import build
from tests.ranking.serve.replays import stored
from tests.ranking.shops import Shop, ids_of, items


@pytest.fixture
def ruled(shop: Shop) -> dict[str, str]:
    """A shop with one rule of a kind and an override; return their ids."""
    shop.sell(
        *items([f"tea{n}" for n in range(9)], tags=["tea"]),
        *items([f"mug{n}" for n in range(9)], tags=["mug"]),
    )
    shop.record(*[("ana", f"tea{n}", "view") for n in range(6)])
    build(shop)
    rules: dict[str, dict[str, Any]] = {
        "block": {"action": "BLOCK", "target_type": "ITEM", "item_ids": ["tea0"]},
        "pin": {"action": "PIN", "target_type": "ITEM", "item_ids": ["mug8"]},
        "boost": {
            "action": "BOOST",
            "target_type": "TAG",
            "target_key": "mug",
            "boost_value": 2.0,
        },
    }
    ids = {
        name: shop.ask("/v1/admin/rules", name=name, surface="home", **body)["rule_id"]
        for name, body in rules.items()
    }
    ids["override"] = shop.ask(
        "/v1/admin/manual_overrides", surface="home", item_id="tea8", action="suppress"
    )["override_id"]
    return ids


def test_the_very_next_answer_obeys_every_rule(shop: Shop, ruled):
    answer = shop.recommend("ana", surface="home", k=18)

    shown = ids_of(answer)
    assert shown[0] == "mug8"
    assert not {"tea0", "tea8"} & set(shown)
    policy = answer["trace"]["extras"]["policy"]
    assert policy["rule_block_count"] == 2
    assert policy["rule_pin_count"] == policy["rule_pin_exposure"] == 1
    assert policy["rule_boost_exposure"] > 0
    (override,) = answer["trace"]["extras"]["manual_overrides"]
    assert override["override_id"] == ruled["override"]
    assert override["blocked_items"] == ["tea8"]
    assert ids_of(shop.recommend("ana", surface="pdp", k=18))[0] != "mug8"


def test_a_decision_keeps_what_each_rule_did(shop: Shop, ruled):
    kept = stored(shop, shop.recommend("ana", surface="home", k=5))

    told = {each["name"]: each for each in kept.trace.rules if each["name"]}
    assert told["pin"]["shown"] == 1
    assert told["block"]["matched"] == 1
    assert {str(each) for each in kept.decision.rule_ids} >= {ruled["pin"]}
    assert [str(each) for each in kept.decision.override_ids] == [ruled["override"]]
    assert len(kept.decision.dropped) == 2


def test_a_replay_obeys_the_rules_of_then(shop: Shop, ruled):
    kept = stored(shop, shop.recommend("ana", surface="home", k=6))
    shop.client.delete(
        f"/v1/admin/rules/{ruled['pin']}?namespace={shop.name}",
        headers={"X-Org-ID": str(shop.org_id)},
    )
    now_us = round(datetime.now(UTC).timestamp() * 1e6)

    def again(**variation):
        with org_scope(shop.org_id):
            wanted = Variation(**variation)
            return replay(kept.decision, variation=wanted, wall_us=now_us)

    assert ids_of(shop.recommend("ana", surface="home", k=6))[0] != "mug8"
    assert again().is_identical
    off = again(mode=Mode.RULES_OFF)
    assert "tea0" in {item["item_id"] for item in off.canonical["items"]}
    without = again(without_rules=frozenset({ruled["pin"]}))
    assert without.canonical["items"][0]["item_id"] != "mug8"
    assert any("mug8" in each.sentence for each in without.differences)


def test_a_rule_asks_for_context_and_the_replay_knows_it(shop: Shop, ruled):
    shop.ask(
        "/v1/admin/rules",
        name="on tv",
        surface="home",
        action="PIN",
        target_type="ITEM",
        item_ids=["tea5"],
        priority=900,
        context={"eq": ["ctx.screen", "tv"]},
    )

    answer = shop.recommend("ana", surface="home", context={"screen": "tv"})
    kept = stored(shop, answer)

    assert ids_of(answer)[0] == "tea5"
    with org_scope(shop.org_id):
        assert replay(kept.decision, wall_us=0).is_identical


def test_what_rules_did_is_counted(shop: Shop, ruled):
    shop.recommend("ana", surface="home", k=5)

    told = shop.client.get("/metrics").content.decode()

    line = 'policy_rule_exposure_total{action="pin",namespace="shop",surface="home"}'
    assert line in told
