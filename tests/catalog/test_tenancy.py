"""No row without its org: managers, keys, and other tenants' ids."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection, models

from catalog import models as catalog
from catalog.tenancy import NoOrgInContextError, TenantModel, current_org, org_scope
from tests.catalog.api.conftest import ORG, OTHER_ORG, Api, api

__all__ = ["api"]

TENANT_MODELS = [model for model in apps.get_models() if issubclass(model, TenantModel)]
# Asked for before anyone knows whose they are.
OF_NO_TENANT = {catalog.ApiKey, catalog.Org}
OURS = ("catalog", "audit", "rules", "ranking", "simulations", "tuning")


@pytest.mark.parametrize("model", TENANT_MODELS)
def test_rows_are_not_to_be_had_without_an_org(model: type[TenantModel]) -> None:
    with pytest.raises(NoOrgInContextError):
        model.objects.all()


def test_idempotency_records_are_not_to_be_had_without_an_org() -> None:
    with pytest.raises(NoOrgInContextError):
        catalog.IdempotencyRecord.objects.all()


@pytest.mark.django_db
def test_the_database_hears_of_the_org_for_one_transaction() -> None:
    def told() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('recsys.org_id', true)")
            return str(cursor.fetchone()[0] or "")

    with org_scope(ORG):
        assert told() == str(ORG)
        assert current_org() == ORG
    with pytest.raises(NoOrgInContextError):
        current_org()


def unique_keys(model: type[models.Model]) -> list[tuple[str, ...]]:
    keys = [
        tuple(constraint.fields)
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint)
    ]
    keys += [tuple(together) for together in model._meta.unique_together]
    keys += [
        (field.name,)
        for field in model._meta.local_fields
        if field.unique and not field.primary_key
    ]
    return keys


@pytest.mark.parametrize(
    "model",
    [
        model
        for model in apps.get_models()
        if model._meta.app_label in OURS and model not in OF_NO_TENANT
    ],
)
def test_every_unique_key_begins_with_org_and_namespace(
    model: type[models.Model],
) -> None:
    columns = {field.name for field in model._meta.local_fields}
    beginning = ("org", "namespace") if "namespace" in columns else ("org",)

    for key in unique_keys(model):
        assert key[: len(beginning)] == beginning, (model, key)


@pytest.mark.django_db
class TestAnotherOrg:
    @pytest.fixture(autouse=True)
    def two_shops(self, api: Api) -> None:
        self.ours, self.theirs = api, Api(OTHER_ORG)
        for each, price in ((self.ours, 1), (self.theirs, 2)):
            item = {"item_id": "same", "price": price}
            each.post("/v1/items:upsert", {"namespace": "shop", "items": [item]})
            event = {
                "user_id": "same",
                "item_id": "same",
                "type": 0,
                "source_event_id": "same",
            }
            each.post("/v1/events:batch", {"namespace": "shop", "events": [event]})

    def rows(self, api: Api, path: str) -> list[dict[str, Any]]:
        return api.listed(path, namespace="shop")

    def test_has_rows_of_its_own_under_the_same_ids(self) -> None:
        assert self.rows(self.ours, "/v1/items")[0]["price"] == 1
        assert self.rows(self.theirs, "/v1/items")[0]["price"] == 2
        assert len(self.rows(self.ours, "/v1/events")) == 1

    def test_deletes_only_its_own(self) -> None:
        for kind in ("events", "users", "items"):
            self.theirs.post(f"/v1/{kind}:delete", {"namespace": "shop"})

        assert len(self.rows(self.ours, "/v1/items")) == 1
        assert len(self.rows(self.ours, "/v1/events")) == 1

    def test_cannot_use_our_cursor_to_see_our_rows(self) -> None:
        self.ours.post(
            "/v1/items:upsert", {"namespace": "shop", "items": [{"item_id": "b"}]}
        )
        cursor = self.ours.get("/v1/items", namespace="shop", limit=1).json()[
            "next_cursor"
        ]

        page = self.theirs.get("/v1/items", namespace="shop", cursor=cursor).json()

        assert {item["price"] for item in page["items"]} <= {2.0}

    def test_is_any_uuid_whatever_its_version_bits(self) -> None:
        strange = Api(UUID("ffffffff-ffff-ffff-ffff-ffffffffffff"))

        assert strange.listed("/v1/items", namespace="shop") == []
