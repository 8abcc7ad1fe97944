"""The admin in a browser: a demo shop behind real processes, and somebody logged in."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.support.live_platform import LivePlatform

ORG = "00000000-0000-0000-0000-000000000001"
PASSWORD = "a long test password"
# Whatever else the machine does just then.
expect.set_options(timeout=15_000)
_STAFF = f"""
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from catalog.models import Item, Membership, Namespace
from catalog.tenancy import org_scope
from tuning.models import Sweep, Trial
def log_in(person):
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return session.session_key
people = get_user_model().objects
ellie = people.create_superuser("ellie", password="{PASSWORD}")
priya = people.create_user("priya", is_staff=True)
Membership.objects.create(staff=priya, org_id="{ORG}", role="publisher")
def sweep(namespace):
    spec = {{
        "parameters": [
            {{"knob": "blend_alpha", "low": 0, "high": 1}},
            {{"knob": "brand_cap", "segment": "power_users", "low": 0, "high": 5}},
        ],
        "objectives": [{{"metric": "ndcg@10"}}, {{"metric": "catalog_coverage@20"}}],
    }}
    now, whose = timezone.now(), {{"org_id": "{ORG}", "namespace": namespace}}
    swept = Sweep.objects.create(
        **whose, spec=spec, profile="starter", budget=3, created_at=now,
        finished_at=now, outcome={{"headline": "Trial 1 is best.", "best": 1}},
    )
    for number, state in enumerate(("done", "done", "failed")):
        Trial.objects.create(
            **whose, sweep=swept, number=number, state=state, violation=number - 0.5,
            values={{"blend_alpha": number / 4}}, error="Nobody chose." * (number > 1),
            metrics={{"ndcg@10": 0.2 + number / 9, "catalog_coverage@20": 0.6}},
            segments={{"power_users": {{"users": 9, "ndcg@10": 0.2}}}},
            examples=[{{"user_id": "user_0001", "segment": "power_users", "chosen": 1,
                "items": list(Item.objects.values_list("pk", flat=True)[:3]),
                "hits": [1]}}],
        )
with org_scope("{ORG}"):
    sweep(Namespace.objects.get(name="demo"))
print("sessions", log_in(priya), log_in(ellie))
"""


@dataclass
class Desk:
    """A browser page logged in to the admin, and what its console said."""

    page: Page
    address: str
    console: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)
        settle(self.page)

    def open_first_row(self, path: str) -> None:
        """Open a list, then the page of its first row."""
        self.open(path)
        link = self.page.locator("main table tbody tr a[href*='/change/']").first
        href = link.get_attribute("href")
        assert href
        self.open(href)


def settle(page: Page) -> None:
    """Wait until the page and all that it fetches by itself are there."""
    page.wait_for_load_state("load")
    page.wait_for_function(
        "!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"
    )


@dataclass(frozen=True, kw_only=True)
class Demo:
    """Where the demo shop's admin answers, and the session of somebody logged in."""

    address: str
    session: str
    second_session: str
    """Of a publisher, who may approve what the first one made."""


@pytest.fixture(scope="session")
def demo(live_platform: LivePlatform) -> Demo:
    """Prepare the demo shop and ask it twice."""
    live_platform.manage("prepare_demo")
    said = live_platform.manage("shell", "-c", _STAFF)
    for user in ("user_0006", "user_0007"):
        _ask(live_platform.desk, user)
    live_platform.manage("drain_decisions", "--once")
    second, first = said.split()[-2:]
    return Demo(address=live_platform.desk, session=first, second_session=second)


def _ask(address: str, user_id: str) -> None:
    body = {"namespace": "demo", "user_id": user_id, "surface": "home", "k": 12}
    request = urllib.request.Request(
        f"{address}/v1/recommendations",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "X-Org-ID": ORG},
    )
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["items"]


@pytest.fixture
def desk(demo: Demo, page: Page) -> Desk:
    desk = Desk(page=page, address=demo.address)
    cookie = {"name": "sessionid", "value": demo.session, "url": demo.address}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.on("console", lambda message: _note(desk, message))
    page.on("pageerror", lambda error: desk.console.append(str(error)))
    return desk


def _note(desk: Desk, message: ConsoleMessage) -> None:
    if message.type in ("error", "warning"):
        desk.console.append(f"{message.type}: {message.text}")
