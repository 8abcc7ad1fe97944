"""Ana's key reaches her shop, Ben's one namespace of it, Chloe's another org."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from catalog import access
from catalog.models import ApiKey, Namespace, Org, Scope
from catalog.operations.keys import create_key, revoke_key
from catalog.operations.namespaces import create_namespace, ensure_org

from .conftest import ORG, OTHER_ORG, Api

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("api", "authentication")]
ITEM = {"namespace": "shop", "items": [{"item_id": "a"}]}
EVERYDAY = (Scope.RANK, Scope.READ, Scope.INGEST)


@pytest.fixture
def shop() -> Namespace:
    return create_namespace(ORG, "shop")


def key_for(
    org_id: UUID = ORG, *, scopes: Collection[str] = EVERYDAY, **options: Any
) -> tuple[ApiKey, str]:
    ensure_org(org_id)
    return create_key(Org.objects.get(pk=org_id), name="t", scopes=scopes, **options)


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def test_no_key_is_401(shop: Namespace) -> None:
    assert code_of(Api().post("/v1/items:upsert", ITEM)) == (401, "unauthorized")


@pytest.mark.parametrize("header", ["X-API-Key", "Authorization"])
def test_a_key_is_read_from_either_header(shop: Namespace, header: str) -> None:
    _, text = key_for()
    value = text if header == "X-API-Key" else f"Bearer {text}"

    assert Api(**{header: value}).post("/v1/items:upsert", ITEM).status_code == 202


@pytest.mark.parametrize("text", ["x", "abcdefabcdef.secret", "é" * 9, "a" * 5_000])
def test_another_text_is_401(shop: Namespace, text: str) -> None:
    sent = text.encode().decode("latin-1")

    assert code_of(Api(**{"X-API-Key": sent}).get("/v1/items", namespace="shop")) == (
        401,
        "unauthorized",
    )


def test_the_right_prefix_with_another_secret_is_401(shop: Namespace) -> None:
    key, _ = key_for()

    api = Api(**{"X-API-Key": f"{key.prefix}.guess"})

    assert code_of(api.get("/v1/items", namespace="shop"))[0] == 401


def test_an_expired_key_is_401(shop: Namespace) -> None:
    _, text = key_for(expires_at=datetime.now(UTC) - timedelta(seconds=1))

    api = Api(**{"X-API-Key": text})

    assert code_of(api.get("/v1/items", namespace="shop"))[0] == 401


def test_a_revoked_key_stops_within_seconds(shop: Namespace) -> None:
    key, text = key_for()
    api = Api(**{"X-API-Key": text})
    assert api.get("/v1/items", namespace="shop").status_code == 200

    revoke_key(key, at=datetime.now(UTC))
    access.forget_cached()

    assert api.get("/v1/items", namespace="shop").status_code == 401
    assert access.KEY_SECONDS <= 10


def test_another_org_is_403_and_its_rows_stay_unseen(shop: Namespace) -> None:
    _, text = key_for(OTHER_ORG, scopes=[*EVERYDAY, Scope.AUTO_CREATE])

    stranger = Api(ORG, **{"X-API-Key": text})
    assert code_of(stranger.get("/v1/items", namespace="shop")) == (403, "forbidden")

    at_home = Api(OTHER_ORG, **{"X-API-Key": text})
    assert at_home.listed("/v1/items", namespace="shop") == []


def test_another_namespace_is_403_known_or_not(shop: Namespace) -> None:
    create_namespace(ORG, "other")
    _, text = key_for(namespaces=[shop])
    api = Api(**{"X-API-Key": text})

    assert api.get("/v1/items", namespace="shop").status_code == 200
    for name in ("other", "unheard-of"):
        assert code_of(api.get("/v1/items", namespace=name)) == (403, "forbidden")


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        (Scope.READ, "post", "/v1/items:upsert"),
        (Scope.INGEST, "get", "/v1/items"),
        (Scope.INGEST, "post", "/v1/event-types:upsert"),
        (Scope.RANK, "get", "/v1/events"),
    ],
)
def test_a_missing_scope_is_403(
    shop: Namespace, scope: str, method: str, path: str
) -> None:
    _, text = key_for(scopes=[scope])
    api = Api(**{"X-API-Key": text})

    answer = (
        api.post(path, ITEM) if method == "post" else api.get(path, namespace="shop")
    )

    assert code_of(answer) == (403, "forbidden")


def test_an_unknown_namespace_is_404_for_a_key_that_may_not_make_it() -> None:
    _, text = key_for()
    api = Api(**{"X-API-Key": text})

    for answer in (
        api.get("/v1/items", namespace="new"),
        api.post("/v1/items:upsert", ITEM),
        api.post("/v1/items:delete", {"namespace": "new", "item_id": "a"}),
    ):
        assert code_of(answer) == (404, "namespace_not_found")
    assert not Namespace.objects.exists()


def test_a_key_that_may_makes_the_namespace_by_writing() -> None:
    _, text = key_for(scopes=[*EVERYDAY, Scope.AUTO_CREATE])
    api = Api(**{"X-API-Key": text})

    assert api.listed("/v1/items", namespace="shop") == []
    assert not Namespace.objects.exists()
    assert api.post("/v1/items:upsert", ITEM).status_code == 202
    assert Namespace.objects.get().name == "shop"


def test_deleting_all_takes_confirmation_or_the_reset_scope(shop: Namespace) -> None:
    body = {"namespace": "shop"}
    plain = Api(**{"X-API-Key": key_for()[1]})
    strong = Api(**{"X-API-Key": key_for(scopes=[*EVERYDAY, Scope.RESET])[1]})
    plain.post("/v1/items:upsert", ITEM)

    assert code_of(plain.post("/v1/items:delete", body)) == (
        400,
        "confirmation_required",
    )
    confirmed = plain.post("/v1/items:delete", body | {"confirm": True})
    assert confirmed.json()["deleted_count"] == 1
    assert strong.post("/v1/items:delete", body).json()["deleted_count"] == 0


def test_the_last_use_is_noted_at_most_once_a_minute(shop: Namespace) -> None:
    key, text = key_for()
    api = Api(**{"X-API-Key": text})
    api.get("/v1/items", namespace="shop")
    key.refresh_from_db()
    first = key.last_used_at

    api.get("/v1/items", namespace="shop")
    key.refresh_from_db()

    assert first is not None
    assert key.last_used_at == first


def test_a_key_is_printed_once_and_kept_as_a_hash() -> None:
    printed = StringIO()
    call_command(
        "create_api_key",
        "web",
        org=ORG,
        new_org=True,
        stdout=printed,
        stderr=StringIO(),
    )
    text = printed.getvalue().strip()

    assert Api(**{"X-API-Key": text}).get("/v1/items", namespace="n").status_code == 404
    key = ApiKey.objects.get()
    assert text.partition(".")[2].encode() not in bytes(key.secret_sha256)
    assert len(text.partition(".")[2]) >= 43


def test_a_key_of_nobody_is_not_made() -> None:
    with pytest.raises(CommandError, match="no organisation"):
        call_command("create_api_key", "web", org=ORG)
