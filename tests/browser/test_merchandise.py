"""A merchandiser's day: with the mouse, and once more with the keyboard alone."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.live_platform import LivePlatform

from .conftest import ORG, Demo, Desk, _note
from .test_pages import check

PAGE = "/admin/merchandise/?size=12"


@pytest.fixture
def priya(demo: Demo, browser: Browser) -> Iterator[Desk]:
    """Somebody else, who may approve and publish."""
    context = browser.new_context()
    cookie = {"name": "sessionid", "value": demo.second_session, "url": demo.address}
    context.add_cookies([cookie])  # type: ignore[list-item]
    desk = Desk(page=context.new_page(), address=demo.address)
    desk.page.on("console", lambda message: _note(desk, message))
    yield desk
    context.close()


def served(address: str) -> list[str]:
    """Return what the shop is served on its home page."""
    body = {"namespace": "demo", "surface": "home", "k": 12}
    request = urllib.request.Request(
        f"{address}/v1/recommendations",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "X-Org-ID": ORG},
    )
    with urllib.request.urlopen(request) as answer:
        return [item["item_id"] for item in json.load(answer)["items"]]


def tile(page: Page, slot: int) -> Locator:
    return page.locator(f".shop[data-page=draft] > .tile[data-slot='{slot}']")


def item_at(page: Page, slot: int) -> str:
    return tile(page, slot).get_attribute("data-item") or ""


def open_page(desk: Desk, address: str = PAGE) -> Page:
    # All of the grid: what scrolls while it is dragged is dropped by the machine.
    desk.page.set_viewport_size({"width": 1280, "height": 1600})
    desk.open(address)
    expect(tile(desk.page, 1)).to_be_visible()
    return desk.page


def choose(page: Page, slot: int, name: str) -> None:
    """Open an item's menu and choose something."""
    tile(page, slot).locator(".dots").click()
    page.get_by_role("menuitem", name=name).click()


def approve_and_publish(priya: Desk, address: str) -> None:
    page = priya.page
    priya.open(address)
    page.get_by_role("button", name="Check with forecast").first.click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Approve", exact=True).click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator("main")).to_contain_text("Published")


def roll_back(priya: Desk, address: str) -> None:
    priya.open(address)
    priya.page.get_by_role("button", name="Roll back").click()
    priya.page.wait_for_load_state("networkidle")


def submitted(page: Page) -> str:
    """Return where the change set is that was submitted."""
    link = page.locator("#presence a", has_text="Open the change set")
    expect(link).to_be_visible()
    return link.get_attribute("href") or ""


def test_a_day_with_the_mouse(
    desk: Desk, priya: Desk, live_platform: LivePlatform
) -> None:
    page = open_page(desk)
    before = served(live_platform.serve)
    assert before == [item_at(page, slot) for slot in range(1, 13)]
    pinned, blocked = item_at(page, 9), item_at(page, 4)

    # Drag, with a numbered placeholder, then block and take the block back.
    tile(page, 9).drag_to(tile(page, 2), target_position={"x": 8, "y": 40})
    expect(page.locator("#say")).to_contain_text("Moved to position 2 of 12.")
    expect(page.locator("#headline")).to_contain_text("of 12 positions change")
    assert item_at(page, 2) == pinned
    choose(page, 6, "Block")
    expect(page.locator("#unsaved")).to_have_text("2 unsaved changes")
    expect(page.locator(".tile.ghost")).to_contain_text("Blocked")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#unsaved")).to_have_text("1 unsaved change")
    expect(page.locator(".tile.ghost")).to_have_count(0)

    # Find an item that is not there, and pin it by its number.
    page.get_by_role("button", name="Find an item").click()
    page.locator("#find-words").fill("lamp")
    found = page.locator(".found-item").first
    expect(found).to_be_visible()
    lamp = found.get_attribute("data-item") or ""
    found.get_by_role("button", name="Pin to…").click()
    page.locator("#to-position input").fill("5")
    page.get_by_role("button", name="Pin there").click()
    expect(tile(page, 5)).to_have_attribute("data-item", lamp)

    # What was done survives leaving the page.
    desk.open("/admin/")
    page = open_page(desk)
    expect(page.locator("#unsaved")).to_have_text("2 unsaved changes")

    # Save, check, submit.
    page.get_by_role("button", name="Save draft").click()
    page.locator("#save-as [name=reason]").fill("Launch week: lead with light")
    page.locator("#save-as").get_by_role("button", name="Save draft").click()
    expect(page.locator("#unsaved")).to_have_text("Draft saved")
    expect(page).to_have_url(re.compile("draft="))
    page.get_by_role("button", name="Check & submit").click()
    expect(page.locator("#dock")).to_contain_text("No conflicts")
    page.get_by_role("button", name="Submit for approval").click()
    change_set = submitted(page)
    assert served(live_platform.serve) == before

    approve_and_publish(priya, change_set)
    now = served(live_platform.serve)
    assert (now[1], now[4]) == (pinned, lamp)
    assert blocked in now

    roll_back(priya, change_set)
    assert served(live_platform.serve) == before
    assert desk.console == []


def test_a_day_with_the_keyboard(
    desk: Desk, priya: Desk, live_platform: LivePlatform
) -> None:
    page = open_page(desk)
    keyboard = page.keyboard
    before = served(live_platform.serve)
    moved = item_at(page, 8)
    said = page.locator("#say")

    # To the grid: from its first place arrows walk to the item.
    tile(page, 1).locator(".slot").focus()
    for _ in range(7):
        keyboard.press("ArrowRight")
    expect(tile(page, 8).locator(".slot")).to_be_focused()

    # Pick up, move and think better of it.
    keyboard.press("Space")
    expect(said).to_contain_text("Picked up.")
    keyboard.press("ArrowLeft")
    expect(said).to_contain_text("Moved to position 7 of 12.")
    keyboard.press("Escape")
    expect(said).to_contain_text("Cancelled.")
    assert item_at(page, 8) == moved

    # Pick up, move two rows up, put down.
    for key in ("Space", "ArrowUp", "ArrowUp", "Space"):
        keyboard.press(key)
    expect(said).to_contain_text("Moved to position 2 of 12.")
    expect(tile(page, 2)).to_have_attribute("data-item", moved)
    expect(tile(page, 2).locator(".slot")).to_be_focused()

    # By number, undone and done again.
    keyboard.press("m")
    keyboard.type("3")
    keyboard.press("Enter")
    expect(tile(page, 3)).to_have_attribute("data-item", moved)
    keyboard.press("Control+z")
    expect(tile(page, 2)).to_have_attribute("data-item", moved)
    keyboard.press("Control+Shift+z")
    expect(tile(page, 3)).to_have_attribute("data-item", moved)

    # The menu: why is it here?
    tile(page, 3).locator(".slot").focus()
    keyboard.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    keyboard.press("End")
    page.get_by_role("menuitem", name="Why here?").press("Enter")
    expect(page.locator("#told")).to_contain_text("Why position 3?")
    keyboard.press("Escape")

    # Check and submit, which saves.
    page.locator("[data-check-draft]").press("Enter")
    expect(page.locator("#dock")).to_be_focused()
    page.locator("#submit-form [name=reason]").press("L")
    keyboard.type("ead with light")
    page.get_by_role("button", name="Submit for approval").press("Enter")
    change_set = submitted(page)

    approve_and_publish(priya, change_set)
    assert served(live_platform.serve)[2] == moved
    roll_back(priya, change_set)
    assert served(live_platform.serve) == before
    assert desk.console == []


def test_the_page_has_no_faults(desk: Desk) -> None:
    page = open_page(desk)
    choose(page, 6, "Pin here")
    expect(page.locator("#unsaved")).to_have_text("1 unsaved change")
    choose(page, 8, "Block")
    expect(page.locator(".tile.ghost")).to_be_visible()
    page.locator("#touching summary").click()

    check(desk, "merchandise")


@pytest.mark.parametrize(
    ("button", "shown"),
    [
        ("Find an item", "#find-item"),
        ("Save draft", "#save-as"),
        ("Check & submit", "#dock"),
    ],
)
def test_what_opens_above_it_has_no_faults(desk: Desk, button: str, shown: str) -> None:
    page = open_page(desk)
    choose(page, 6, "Pin here")
    expect(page.locator("#unsaved")).to_have_text("1 unsaved change")
    page.locator("main").get_by_role("button", name=button).first.click()
    expect(page.locator(shown)).to_be_visible()
    page.mouse.move(0, 0)

    check(desk, f"merchandise {shown}")


def test_a_failing_server_is_told_in_words(desk: Desk) -> None:
    page = open_page(desk)
    page.route("**/merchandise/panes/", lambda route: route.abort())

    choose(page, 6, "Pin here")

    expect(page.locator("#trouble")).to_contain_text("What you did is kept here")
    page.unroute("**/merchandise/panes/")
    page.reload()
    expect(page.locator("#unsaved")).to_have_text("1 unsaved change")
