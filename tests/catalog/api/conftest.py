"""A client that speaks as the shop's backend does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.test import Client

from catalog import access

ORG = UUID("00000000-0000-0000-0000-0000000000aa")
OTHER_ORG = UUID("00000000-0000-0000-0000-0000000000bb")


class Api:
    """Sends JSON for one org and reads JSON; headers can be added by name."""

    def __init__(self, org_id: UUID = ORG, /, **headers: str) -> None:
        self.client = Client(headers={"X-Org-ID": str(org_id), **headers})

    def post(self, path: str, body: Any, **headers: str) -> Any:
        data = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return self.client.post(
            path, data, content_type="application/json", headers=headers
        )

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(path, query, content_type="application/json")

    def listed(self, path: str, **query: Any) -> list[dict[str, Any]]:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.content
        return list(answer.json()["items"])


@pytest.fixture
def api(db: None) -> Iterator[Api]:
    access.forget_cached()
    yield Api()
    access.forget_cached()


@pytest.fixture
def authentication(settings: Any) -> None:
    settings.AUTHENTICATION = True
