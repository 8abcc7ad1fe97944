"""What operators ask about decisions, over HTTP."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from django.test import Client

from audit import pseudonyms, spool
from audit.api import examples
from audit.api.answers import DecisionDetail
from audit.api.decisions import DecisionList
from audit.api.filters import SearchBody
from audit.core.record import DecisionRecord
from audit.operations import drain_now
from audit.operations.rotation import rotate_key
from catalog.models import Item, Namespace
from tests.factories.audit import make_record, new_decision_id
from tests.factories.tenants import make_namespace

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spool_directory")]
MINUTE = timedelta(minutes=1)
# Of today: lists show the last seven days, if they are not told otherwise.
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def shop(spool_directory: Path) -> Namespace:
    return make_namespace()


def decide(shop: Namespace, *, at: datetime | None = None, **header) -> DecisionRecord:
    if at is not None:
        header["decision_id"] = new_decision_id(at_ms=int(at.timestamp() * 1000))
    record = make_record(org_id=shop.org_id.bytes, namespace_id=shop.pk, **header)
    spool.append(record)
    return record


def drain() -> None:
    drain_now(clock=lambda: NOON)


def get(client: Client, path: str, shop: Namespace, **query):
    return client.get(
        f"/v1/audit/{path}",
        {"namespace": shop.name, **query},
        headers={"X-Org-ID": str(shop.org_id)},
    )


def search(client: Client, shop: Namespace, **body) -> list[str]:
    response = client.post(
        "/v1/audit/search",
        {"namespace": shop.name, **body},
        content_type="application/json",
        headers={"X-Org-ID": str(shop.org_id)},
    )
    assert response.status_code == 200, response.content
    return [item["decision_id"] for item in response.json()["items"]]


def id_of(record: DecisionRecord) -> str:
    return str(UUID(bytes=record.header.decision_id))


class TestReadingADecision:
    def test_tells_everything_but_what_is_personal(
        self, client: Client, shop: Namespace
    ) -> None:
        record = decide(shop)
        drain()

        answer = get(client, f"decisions/{id_of(record)}", shop).json()

        header, trace = record.header, record.trace
        assert answer["user_hash"] == (header.user_hash or b"").hex()
        assert answer["answer_digest"] == header.answer_digest.hex()
        assert [item["item_id"] for item in answer["final_items"]] == trace.items.ids
        assert len(answer["candidates_pre"]) == trace.candidates.n_rows
        assert len(answer["drops"]) == trace.drops.columns.n_rows
        assert answer["mmr_info"][0].keys() == {"item_id", "max_sim", "penalty"}
        assert answer["effective_config"] == trace.knobs
        assert answer["stages"][0]["name"] == "gather"
        assert "traits" not in answer
        assert "history" not in answer

    def test_names_candidates_that_the_catalog_knows(
        self, client: Client, shop: Namespace
    ) -> None:
        record = decide(shop)
        number = int(record.trace.candidates["number"][3])
        Item.unscoped.create(
            pk=number,
            org_id=shop.org_id,
            namespace=shop,
            item_id="mug",
            created_at=NOON,
            updated_at=NOON,
        )
        drain()

        answer = get(client, f"decisions/{id_of(record)}", shop).json()

        names = [candidate["item_id"] for candidate in answer["candidates_pre"]]
        assert names[3] == "mug"
        assert set(names) == {"mug", None}

    def test_asks_for_patience_while_it_is_in_the_spool(
        self, client: Client, shop: Namespace
    ) -> None:
        record = decide(shop)

        response = get(client, f"decisions/{id_of(record)}", shop)

        assert response.status_code == 404
        assert response.json()["code"] == "not_yet_stored"
        assert response["Retry-After"] == "1"

    @pytest.mark.parametrize(
        "decision_id",
        [uuid4(), UUID(bytes=new_decision_id(at_ms=1_700_000_000_000)), UUID(int=0)],
    )
    def test_knows_no_other_ids(
        self, client: Client, shop: Namespace, decision_id: UUID
    ) -> None:
        response = get(client, f"decisions/{decision_id}", shop)

        assert response.status_code == 404
        assert response.json()["code"] == "decision_not_found"

    def test_does_not_exist_for_another_org(
        self, client: Client, shop: Namespace
    ) -> None:
        record = decide(shop)
        drain()

        response = client.get(
            f"/v1/audit/decisions/{id_of(record)}",
            headers={"X-Org-ID": str(UUID(int=99))},
        )

        assert response.status_code == 404


class TestListingDecisions:
    def test_shows_the_newest_first_with_their_items(
        self, client: Client, shop: Namespace
    ) -> None:
        records = [decide(shop, at=NOON + n * MINUTE) for n in range(3)]
        drain()

        answer = get(client, "decisions", shop).json()

        assert [item["decision_id"] for item in answer["items"]] == [
            id_of(record) for record in reversed(records)
        ]
        assert answer["total"] == 3
        assert not answer["has_more"]
        first = answer["items"][0]
        assert first["final_items"][0]["item_id"] == records[2].trace.items.ids[0]
        assert first["extras"]["candidate_sources"]["popularity"]["count"] == 80

    @pytest.mark.parametrize("by", ["next_cursor", "next_offset"])
    def test_walks_every_decision_once_while_others_arrive(
        self, client: Client, shop: Namespace, by: str
    ) -> None:
        # Across midnight, so that pages lie in different days.
        start = NOON - timedelta(hours=12, minutes=3)
        wanted = {id_of(decide(shop, at=start + n * MINUTE)) for n in range(7)}
        drain()
        parameter = by.removeprefix("next_")

        seen, place = [], None
        while True:
            query: dict[str, str] = {} if place is None else {parameter: place}
            page = get(client, "decisions", shop, limit=3, **query).json()
            seen += [item["decision_id"] for item in page["items"]]
            place = page[by]
            if place is None:
                break
            if by == "next_cursor":
                decide(shop, at=start + timedelta(days=1))
                drain()

        assert len(seen) == 7
        assert set(seen) == wanted

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ({"namespace": ""}, "missing_namespace"),
            ({"from": "yesterday"}, "invalid_timestamp"),
            ({"from": "2026-11-21T12:00:00"}, "invalid_timestamp"),
            ({"limit": 0}, "invalid_limit"),
            ({"limit": 1001}, "invalid_limit"),
            ({"offset": 100_001}, "invalid_offset"),
            ({"cursor": "x"}, "invalid_cursor"),
            ({"cursor": str(UUID(int=1))}, "invalid_cursor"),
            ({"user_hash": "abc"}, "invalid_user_hash"),
            ({"user_hash": "z" * 64}, "invalid_user_hash"),
            ({"rule_id": "1"}, "invalid_rule_id"),
            ({"degraded": "perhaps"}, "invalid_parameter"),
            ({"surface": "a\0b"}, "invalid_parameter"),
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, client: Client, shop: Namespace, query: dict[str, Any], code: str
    ) -> None:
        response = get(client, "decisions", shop, **query)

        assert response.status_code == 400
        assert response.json()["code"] == code

    def test_is_empty_in_a_namespace_that_nobody_wrote_to(
        self, client: Client, shop: Namespace
    ) -> None:
        answer = get(client, "decisions", shop, namespace="elsewhere").json()

        assert answer["items"] == []
        assert answer["total"] == 0


class TestSearchingDecisions:
    @pytest.mark.parametrize("user", ["ana", "bjørn 🦊"])
    def test_finds_a_user_by_id(
        self, client: Client, shop: Namespace, user: str
    ) -> None:
        user_hash = pseudonyms.hash_user(
            shop.org_id, namespace_id=shop.pk, user_id=user
        )
        record = decide(shop, user_hash=user_hash)
        decide(shop)
        drain()

        assert search(client, shop, user_id=user) == [id_of(record)]
        assert search(client, shop, user_hash=user_hash.hex()) == [id_of(record)]

    def test_finds_a_user_hashed_with_an_older_key(
        self, client: Client, shop: Namespace
    ) -> None:
        user_hash = pseudonyms.hash_user(
            shop.org_id, namespace_id=shop.pk, user_id="ana"
        )
        record = decide(shop, user_hash=user_hash)
        drain()
        rotate_key(shop.org_id, by="ellie", at=NOON)
        pseudonyms.forget_versions()

        assert (
            pseudonyms.hash_user(shop.org_id, namespace_id=shop.pk, user_id="ana")
            != user_hash
        )
        assert search(client, shop, user_id="ana") == [id_of(record)]

    def test_finds_an_item_that_was_shown(
        self, client: Client, shop: Namespace
    ) -> None:
        record = decide(shop)
        decide(shop, seed=1)
        shown = int(record.trace.items.columns["number"][0])
        for number, item_id in ((shown, "mug"), (1, "cup")):
            Item.unscoped.create(
                pk=number,
                org_id=shop.org_id,
                namespace=shop,
                item_id=item_id,
                created_at=NOON,
                updated_at=NOON,
            )
        drain()

        assert search(client, shop, item_id="mug") == [id_of(record)]
        assert search(client, shop, item_id="cup") == []
        assert search(client, shop, item_id="nothing") == []

    def test_finds_by_request_surface_degradation_and_rule(
        self, client: Client, shop: Namespace
    ) -> None:
        rule = uuid4()
        plain = decide(shop, request_id="r1")
        special = decide(
            shop, surface="cart", degraded=("no_history",), rule_ids=(rule.bytes,)
        )
        drain()

        assert search(client, shop, request_id="r1") == [id_of(plain)]
        assert search(client, shop, surface="cart") == [id_of(special)]
        assert search(client, shop, degraded=True) == [id_of(special)]
        assert search(client, shop, degraded=False) == [id_of(plain)]
        assert search(client, shop, rule_id=str(rule)) == [id_of(special)]

    def test_includes_the_start_and_excludes_the_end_of_a_window(
        self, client: Client, shop: Namespace
    ) -> None:
        early, late = decide(shop, at=NOON), decide(shop, at=NOON + MINUTE)
        drain()
        noon, minute_past = NOON.isoformat(), (NOON + MINUTE).isoformat()

        assert search(client, shop, **{"from": noon, "to": minute_past}) == [
            id_of(early)
        ]
        assert search(client, shop, **{"from": minute_past}) == [id_of(late)]

    def test_keeps_namespaces_apart(self, client: Client, shop: Namespace) -> None:
        other = make_namespace("other", org_id=shop.org_id)
        decide(shop)
        drain()

        assert search(client, other) == []


def test_examples_are_what_the_types_say() -> None:
    msgspec.convert(examples.LIST, DecisionList)
    msgspec.convert(examples.DETAIL, DecisionDetail)
    msgspec.convert(examples.SEARCH, SearchBody)


def test_a_page_of_a_hundred_decisions_comes_quickly(
    client: Client, shop: Namespace
) -> None:
    for _ in range(100):
        decide(shop)
    drain()

    start = time.perf_counter()
    assert len(search(client, shop)) == 100
    assert time.perf_counter() - start < 1.0
