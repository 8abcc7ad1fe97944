"""A trace from a PM's chair: replayed, asked, read at three depths, by keyboard."""

from __future__ import annotations

from playwright.sync_api import expect

from .conftest import Desk, settle
from .test_pages import faults

TRACES = "/admin/audit/decision/"


def test_an_answer_is_given_again_beside_the_stored_one(desk: Desk) -> None:
    page = desk.page
    desk.open_first_row(TRACES)

    page.get_by_role("link", name="Replay then").press("Enter")

    expect(page.locator("#replay")).to_contain_text("the same answer again")
    expect(page.locator("#replay .chip").first).to_have_text("same digest")
    assert "replay=then" in page.url
    assert faults(desk) == {}
    page.get_by_role("link", name="As answered").press("Enter")
    expect(page.locator("#replay-title")).to_have_text("Give this answer again")
    assert desk.console == []


def test_an_item_is_asked_about_by_its_id(desk: Desk) -> None:
    page = desk.page
    desk.open_first_row(TRACES)
    ask = page.get_by_role("textbox", name="Ask about an item by its id")

    ask.fill("item_0001")
    ask.press("Enter")

    expect(page.locator("#why .told")).to_contain_text("the same to the byte")
    assert faults(desk) == {}
    page.locator("#why").get_by_role("link", name="Close").press("Enter")
    expect(page.locator("#why")).to_have_count(0)
    assert desk.console == []


def test_it_is_read_in_sentences_and_in_full_on_a_phone(desk: Desk) -> None:
    page = desk.page
    page.set_viewport_size({"width": 390, "height": 844})
    desk.open_first_row(TRACES)
    for depth, heading in (
        ("Summary", "How it came about"),
        ("Everything", "Policy counts"),
    ):
        page.get_by_role("link", name=depth, exact=True).press("Enter")
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        settle(page)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390
        assert faults(desk) == {}
    assert desk.console == []
