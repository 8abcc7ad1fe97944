"""A call that is sent twice happens once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from catalog.models import Change, IdempotencyRecord
from catalog.operations import idempotency
from catalog.tenancy import org_scope

from .conftest import ORG, Api

EVENT = {"user_id": "u", "item_id": "i", "type": 0}
BODY = {"namespace": "shop", "events": [EVENT]}


def changes() -> int:
    with org_scope(ORG):
        return Change.objects.count()


@pytest.mark.django_db
def test_the_same_key_and_body_get_the_first_answer(api: Api) -> None:
    first = api.post("/v1/events:batch", BODY, **{"Idempotency-Key": "k"})
    again = api.post("/v1/events:batch", BODY, **{"Idempotency-Key": "k"})

    assert again.content == first.content
    assert again.status_code == 202
    assert again.headers["Idempotency-Replayed"] == "true"
    assert changes() == 1


@pytest.mark.django_db
def test_another_body_is_422(api: Api) -> None:
    api.post("/v1/events:batch", BODY, **{"Idempotency-Key": "k"})
    answer = api.post("/v1/events:batch", {"events": []}, **{"Idempotency-Key": "k"})

    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_key_reuse"


@pytest.mark.django_db
def test_keys_of_other_calls_and_orgs_are_their_own(api: Api) -> None:
    api.post("/v1/events:batch", BODY, **{"Idempotency-Key": "k"})
    other = {"namespace": "shop", "users": [{"user_id": "u"}]}

    assert (
        api.post("/v1/users:upsert", other, **{"Idempotency-Key": "k"}).status_code
        == 202
    )


@pytest.mark.django_db
def test_a_refused_call_may_be_mended_under_its_key(api: Api) -> None:
    bad = {"namespace": "shop", "events": [EVENT | {"type": "x"}]}
    assert (
        api.post("/v1/events:batch", bad, **{"Idempotency-Key": "k"}).status_code == 400
    )

    good = api.post("/v1/events:batch", BODY, **{"Idempotency-Key": "k"})

    assert good.status_code == 202


@pytest.mark.django_db
def test_a_call_without_effect_is_remembered_too(api: Api) -> None:
    for _ in range(2):
        answer = api.post(
            "/v1/items:delete", {"namespace": "new"}, **{"Idempotency-Key": "k"}
        )
        assert answer.status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["x" * 129, "tab\there"])
def test_a_strange_key_is_400(api: Api, key: str) -> None:
    answer = api.post("/v1/events:batch", BODY, **{"Idempotency-Key": key})

    assert answer.status_code == 400


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_keys_are_forgotten_after_a_day(api: Api) -> None:
    api.post("/v1/events:batch", BODY, **{"Idempotency-Key": "k"})
    later = datetime.now(UTC) + timedelta(hours=25)

    assert idempotency.prune(at=datetime.now(UTC)) == 0
    assert idempotency.prune(at=later) == 1
    assert not IdempotencyRecord._base_manager.exists()
