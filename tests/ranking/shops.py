"""What tests of ranking say to a shop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.test import Client

from catalog.models import Namespace


@dataclass(frozen=True)
class Shop:
    """One namespace of one org, over the API."""

    org_id: UUID
    client: Client
    name: str = "shop"

    def post(self, path: str, body: Any, **headers: str) -> Any:
        data = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return self.client.post(
            path,
            data,
            content_type="application/json",
            headers={"X-Org-ID": str(self.org_id), **headers},
        )

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(path, query, headers={"X-Org-ID": str(self.org_id)})

    def ask(self, path: str, **fields: Any) -> Any:
        """Post to this namespace and return the answer, which must be good."""
        response = self.post(path, {"namespace": self.name, **fields})
        assert response.status_code < 300, response.content
        return response.json()

    def sell(self, *items: dict[str, Any]) -> None:
        self.ask("/v1/items:upsert", items=list(items))

    def record(self, *events: tuple[str, str, str], **fields: Any) -> None:
        """Send events, each a user, an item and a type."""
        self.ask(
            "/v1/events:batch",
            events=[
                {"user_id": user, "item_id": item, "type": kind, **fields}
                for user, item, kind in events
            ],
        )

    def recommend(self, user_id: str | None = None, **fields: Any) -> Any:
        return self.ask("/v1/recommendations", user_id=user_id, **fields)

    def ids(self, user_id: str | None = None, **fields: Any) -> list[str]:
        """Return the ids that a recommendation answers, best first."""
        return ids_of(self.recommend(user_id, **fields))

    @property
    def namespace(self) -> Namespace:
        return Namespace.objects.get(org_id=self.org_id, name=self.name)


def ids_of(answer: Any) -> list[str]:
    return [item["item_id"] for item in answer["items"]]


def item(item_id: str, **fields: Any) -> dict[str, Any]:
    return {"item_id": item_id, "available": True, "price": 10.0, **fields}


def items(ids: Sequence[str], **fields: Any) -> list[dict[str, Any]]:
    return [item(item_id, **fields) for item_id in ids]
