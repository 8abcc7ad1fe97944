"""The two readers of the API: they show it, say nothing, and ask no other host."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import ORG, Desk

SHOWN = {"/docs": "#operations-recommendations-postRecommendations", "/redoc": "h2"}


@pytest.mark.parametrize("path", SHOWN)
@pytest.mark.parametrize(
    "colours", ["light", pytest.param("dark", marks=pytest.mark.prove)]
)
def test_a_reader_keeps_to_this_host(desk: Desk, path: str, colours: str) -> None:
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    desk.page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]

    desk.page.goto(desk.address + path)
    first = desk.page.locator(SHOWN[path]).first
    expect(first).to_be_visible()
    first.click()
    desk.page.wait_for_load_state("networkidle")

    own = (f"{desk.address}/", "data:")
    assert [url for url in asked if not url.startswith(own)] == []
    assert desk.console == []


def test_a_call_can_be_tried_once_the_organisation_is_set(desk: Desk) -> None:
    page = desk.page
    desk.open("/docs")
    page.get_by_role("button", name="Authorize").first.click()
    org = page.locator(".auth-container", has_text="X-Org-ID")
    org.locator("input").fill(ORG)
    org.get_by_role("button", name="Apply credentials").click()
    page.locator(".close-modal").click()

    call = page.locator("#operations-event-types-getEventTypes")
    call.locator(".opblock-summary-control").click()
    call.get_by_role("button", name="Try it out").click()
    call.get_by_placeholder("namespace").fill("demo")
    call.get_by_role("button", name="Execute").click()

    expect(
        call.locator(".live-responses-table .response .response-col_status")
    ).to_contain_text("200")
    assert desk.console == []
