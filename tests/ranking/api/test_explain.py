"""Explanations rest on facts, whoever writes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.utils import timezone

from audit import spool
from audit.operations import drain_now
from catalog.tenancy import org_scope
from ranking.core.breaker import Breaker
from ranking.core.explaining import cited
from ranking.operations import model_texts
from rules.models import Rule
from rules.operations.actors import of_job
from rules.operations.direct import Edit, retire_rule
from tests.ranking.shops import Shop, item, items
from tests.support.model import Model, answering_model

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/explain/llm"


@pytest.fixture
def answered(shop: Shop) -> Shop:
    """A shop whose page was asked for, with an item blocked and one sold out."""
    shop.sell(
        *items([f"tea{n}" for n in range(8)], tags=["tea"]),
        item("gone", stock=0),
        item("off", available=False),
    )
    shop.record(*[("ana", f"tea{n}", "view") for n in range(6)], ("ana", "gone", "add"))
    shop.ask(
        "/v1/admin/rules",
        name="No tea1",
        surface="home",
        action="BLOCK",
        target_type="ITEM",
        item_ids=["tea1"],
    )
    for _ in range(3):
        shop.recommend("ana", surface="home", k=4)
    spool.flush()
    drain_now(clock=timezone.now)
    return shop


@pytest.fixture
def model(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    # The process's own breaker would remember the failures of other tests.
    fresh = Breaker(failures=3, pause_seconds=30.0)
    monkeypatch.setattr(model_texts, "_breaker", fresh)
    with answering_model() as model:
        settings.EXPLAIN_MODEL_URL = model.url
        settings.EXPLAIN_MODEL = "tiny"
        settings.EXPLAIN_MODEL_KEY = "s3cr3t"
        yield model


def explain(shop: Shop, item_id: str = "tea1", **fields: Any) -> dict[str, Any]:
    found: dict[str, Any] = shop.ask(
        PATH, target_type="item", target_id=item_id, **fields
    )
    return found


class TestTemplate:
    def test_says_why_an_item_is_not_there_and_cites_it(self, answered: Shop) -> None:
        told = explain(answered, surface="home")

        assert told["facts"]["status"] == "not_working"
        assert "Blocked by a rule. [drop:rule_block]" in told["markdown"]
        assert "No tea1 is live on home" in told["markdown"]
        assert told["model"] == "template"
        assert told["warnings"] == ["llm_disabled"]
        assert "No tea1" not in explain(answered, "tea2")["markdown"]

    def test_cites_nothing_that_the_facts_do_not_hold(self, answered: Shop) -> None:
        for item_id in ("tea1", "tea2", "gone", "off", "never"):
            told = explain(answered, item_id)

            known = {each["id"] for each in told["facts"]["evidence"]}
            assert cited(told["markdown"])
            assert set(cited(told["markdown"])) <= known

    def test_counts_where_an_item_was_shown(self, answered: Shop) -> None:
        shown = answered.recommend("ana", surface="home", k=4)["items"][0]["item_id"]

        told = explain(answered, shown)

        assert told["facts"]["status"] == "working_as_configured"
        assert told["facts"]["impressions"] >= 3
        assert "was a candidate" in told["markdown"]

    def test_tells_of_items_that_cannot_be_shown(self, answered: Shop) -> None:
        told = explain(answered, "never")["markdown"]
        assert "There is no item" in told
        assert "left out" not in told
        assert "switched off in the catalog" in explain(answered, "off")["markdown"]

    def test_of_a_surface_counts_all_that_was_answered(self, answered: Shop) -> None:
        with org_scope(answered.org_id):
            [rule] = Rule.objects.all()
            retire_rule(rule, edit=Edit(actor=of_job("test"), at=timezone.now()))

        told = answered.ask(PATH, target_type="surface", target_id="home")

        assert "Rule No tea1 met items of 3 answers." in told["markdown"]
        assert "No tea1 is live" not in told["markdown"]
        assert told["facts"]["decisions"] == 3
        assert told["facts"]["impressions"] == 12
        assert len(told["facts"]["links"]) == 3

    def test_of_nothing_yet_says_so(self, shop: Shop) -> None:
        told = explain(shop, namespace="nobody-wrote-here")

        assert told["facts"]["decisions"] == 0
        assert "0 answers" in told["markdown"]

    def test_is_of_one_org_alone(self, answered: Shop) -> None:
        stranger = Shop(org_id=uuid4(), client=answered.client)

        assert explain(stranger)["facts"]["decisions"] == 0

    def test_names_nobody(self, answered: Shop) -> None:
        assert "ana" not in str(explain(answered, "tea2"))

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"target_type": "user"}, "invalid_request"),
            ({"target_id": ""}, "invalid_request"),
            ({"question": "?" * 501}, "invalid_request"),
            (
                {"from": "2026-11-02T00:00:00Z", "to": "2026-11-01T00:00:00Z"},
                "invalid_range",
            ),
            (
                {"from": "2026-01-01T00:00:00Z", "to": "2026-11-01T00:00:00Z"},
                "invalid_range",
            ),
        ],
    )
    def test_refuses_what_cannot_be_explained(
        self, shop: Shop, fields: dict[str, str], code: str
    ) -> None:
        body = {"target_type": "item", "target_id": "a", "namespace": "shop"}

        response = shop.post(PATH, body | fields)

        assert response.status_code == 400
        assert response.json()["code"] == code

    def test_is_kept_for_the_same_facts(self, answered: Shop) -> None:
        now = timezone.now()
        body = {
            "target_type": "item",
            "target_id": "tea1",
            "namespace": "shop",
            "from": (now - timedelta(days=1)).isoformat(),
            "to": now.isoformat(),
        }

        first, second = answered.post(PATH, body), answered.post(PATH, body)

        assert first["X-Explain-Cache"] == "miss"
        assert second["X-Explain-Cache"] == "hit"
        assert second.json()["cache"] == "hit"
        assert second.json()["markdown"] == first.json()["markdown"]


class TestModel:
    def test_writes_the_text_from_the_facts_and_the_question(
        self, answered: Shop, model: Model
    ) -> None:
        model.text = "## Summary\n\nBlocked [drop:rule_block]."

        told = explain(answered, question="Why is it gone?")

        assert told["markdown"] == model.text
        assert told["model"] == "tiny"
        assert told["warnings"] == []
        (asked,) = model.asked
        assert asked["path"] == "/v1/chat/completions"
        assert asked["model"] == "tiny"
        assert "Why is it gone?" in asked["messages"][1]["content"]
        assert "drop:rule_block" in asked["messages"][1]["content"]
        assert model.tokens == ["Bearer s3cr3t"]

    @pytest.mark.parametrize(
        ("text", "warning"),
        [
            ("Sold out [drop:out_of_luck].", "llm_unknown_evidence: drop:out_of_luck"),
            ("It is fine, believe me.", "llm_no_evidence"),
            ("", "llm_error: ValueError"),
        ],
    )
    def test_that_makes_things_up_is_not_shown(
        self, answered: Shop, model: Model, text: str, warning: str
    ) -> None:
        model.text = text

        told = explain(answered)

        assert told["model"] == "template"
        assert told["warnings"] == [warning]
        assert "[drop:rule_block]" in told["markdown"]

    def test_that_is_slow_is_given_up(
        self, answered: Shop, model: Model, settings: Any
    ) -> None:
        settings.EXPLAIN_TIMEOUT_SECONDS = 0.05
        model.pause_seconds = 0.5

        assert explain(answered)["warnings"] == ["llm_error: no answer in time"]

    def test_that_fails_again_and_again_is_not_asked_for_a_while(
        self, answered: Shop, model: Model
    ) -> None:
        model.status = 500

        warnings = [explain(answered)["warnings"] for _ in range(4)]

        assert warnings[:3] == [["llm_error: Internal Server Error"]] * 3
        assert warnings[3] == ["llm_circuit_open"]
        assert len(model.asked) == 3

    def test_is_asked_once_for_the_same_facts_of_an_org(
        self, answered: Shop, model: Model
    ) -> None:
        model.text = "Blocked [metric_decisions]."
        now = timezone.now()
        window = {
            "from": (now - timedelta(days=1)).isoformat(),
            "to": now.isoformat(),
        }
        stranger = Shop(org_id=uuid4(), client=answered.client)

        told = [explain(each, **window) for each in (answered, answered, stranger)]

        assert [each["cache"] for each in told] == ["miss", "hit", "miss"]
        assert len(model.asked) == 2

    def test_is_done_without_where_the_cache_is_away(
        self, answered: Shop, model: Model, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_: Any, **__: Any) -> None:
            raise ConnectionError("no cache")

        model.text = "Blocked [metric_decisions]."
        monkeypatch.setattr(cache, "get", away)
        monkeypatch.setattr(cache, "set", away)

        assert explain(answered)["markdown"] == model.text
