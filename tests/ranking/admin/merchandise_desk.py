"""Somebody at the Merchandise page, and the shop that is looked at."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from catalog.models import Membership, Role
from tests.ranking.shops import Shop, item

HOME = {"surface": "home", "segment": None}


class Desk:
    """Somebody at the page."""

    def __init__(self, shop: Shop, role: str) -> None:
        self.shop = shop
        staff = get_user_model().objects.create_user(
            f"{role} of {shop.org_id}", password=None, is_staff=True
        )
        Membership.objects.create(staff=staff, org_id=shop.org_id, role=role)
        self.client = Client()
        self.client.force_login(staff)

    def get(self, name: str = "", **query: Any) -> Any:
        return self.client.get(reverse(f"admin:merchandise{name}"), query)

    def step(self, name: str, *edits: dict[str, Any], **sent: Any) -> Any:
        """Send a step as the page does."""
        body = {"edits": json.dumps(edits), "as_surface": "home", "size": "12"}
        return self.client.post(reverse(f"admin:merchandise_{name}"), body | sent)

    def panes(self, *edits: dict[str, Any], **sent: Any) -> Panes:
        answer = self.step("panes", *edits, **sent)
        assert answer.status_code == 200, answer.content.decode()
        return Panes(answer.content.decode())

    def save(self, *edits: dict[str, Any], **sent: Any) -> dict[str, str]:
        """Save as a draft, and return what the page is told of it."""
        said = {"title": "Launch", "reason": "Lead with light."} | sent
        answer = self.step("save", *edits, **said)
        assert answer.status_code == 204, answer.content.decode()
        told: dict[str, str] = json.loads(answer["HX-Trigger"])["merchandise:saved"]
        return told


class Panes:
    """The answer to a step, as people read it."""

    def __init__(self, html: str) -> None:
        self.html = html
        parts = re.split(r'data-page="(live|draft)"', html)
        self._panes = dict(zip(parts[1::2], parts[2::2], strict=True))

    @property
    def words(self) -> str:
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.html)).split())

    def ids(self, page: str = "draft") -> list[str]:
        """Return the items that are on a page, in their order."""
        tile = r'<li class="tile[^"]*" data-item="([^"]+)" data-title="[^"]*" data-slot'
        return re.findall(tile, self._panes[page])

    def tile(self, item_id: str, page: str = "draft") -> str:
        """Return the words of an item's card."""
        found = re.search(
            rf'<li class="tile[^>]*data-item="{item_id}".*?</li>',
            self._panes[page],
            re.DOTALL,
        )
        assert found, f"{item_id} has no card"
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


def pin(item_id: str, position: int, **scope: Any) -> dict[str, Any]:
    return do("pin", item_id, position=position, **scope)


def do(what: str, item_id: str, **fields: Any) -> dict[str, Any]:
    scope = {**HOME, **{k: fields.pop(k) for k in list(fields) if k in HOME}}
    return {"do": what, "item": item_id, "scope": scope, **fields}


@pytest.fixture
def shop(shop: Shop, settings: Any, tmp_path: Path) -> Shop:
    settings.STATIC_ROOT = tmp_path
    shop.sell(
        *(item(f"lamp{n}", title=f"Lamp {n}", price=10.0 + n) for n in range(14)),
        item("gone", title="Old lamp", stock=0),
        item("few", title="Rare lamp", stock=3),
    )
    return shop


type SitDown = Callable[[str], Desk]


@pytest.fixture
def sit_down(shop: Shop) -> SitDown:
    return lambda role: Desk(shop, role)


@pytest.fixture
def ellie(sit_down: SitDown) -> Desk:
    return sit_down(Role.MERCHANDISER)
