"""Erasing a user reaches every app."""

from __future__ import annotations

import pytest

from audit.models import Erasure
from audit.pseudonyms import hashes_of
from catalog.models import Namespace
from catalog.tenancy import org_scope
from tests.catalog.api.conftest import ORG, Api, api

__all__ = ["api"]

pytestmark = pytest.mark.django_db


def erased(user_id: str) -> bool:
    namespace = Namespace.objects.get()
    hashes = hashes_of(ORG, namespace_id=namespace.pk, user_id=user_id)
    with org_scope(ORG):
        return Erasure.objects.filter(user_hash__in=list(hashes)).exists()


@pytest.fixture(autouse=True)
def shop(api: Api) -> None:
    users = [{"user_id": "ana"}, {"user_id": "ben"}]
    api.post("/v1/users:upsert", {"namespace": "shop", "users": users})


@pytest.mark.parametrize("user_id", ["ana", "known-by-decisions-alone"])
def test_traces_keep_no_way_back_to_an_erased_user(api: Api, user_id: str) -> None:
    answer = api.post("/v1/users:delete", {"namespace": "shop", "user_id": user_id})

    assert answer.status_code == 200
    assert erased(user_id)
    assert not erased("ben")


def test_a_reset_leaves_decisions_as_they_are(api: Api) -> None:
    api.post("/v1/users:delete", {"namespace": "shop"})

    assert not erased("ana")
