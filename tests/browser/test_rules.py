"""Pages of rules in a browser: no fault for axe, an empty console, 390 px, no mouse."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .conftest import Desk
from .test_pages import check

LIST = "/admin/rules/rule/"
PAGES = [
    LIST,
    f"{LIST}?show=both",
    f"{LIST}?q=nothing+like+it",
    f"{LIST}add/",
    f"{LIST}add/?starter=last-pieces",
    f"{LIST}switch/",
    f"{LIST}import/",
    "/admin/rules/changeset/",
    "/admin/rules/changeset/add/",
    "/admin/rules/manualoverride/",
    "/admin/rules/manualoverride/add/",
]
TABS = ["rule", "preview", "effect", "conflicts", "history", "approvals", "traces"]


def write_rule(desk: Desk, name: str, *, do: str) -> None:
    """Fill in the form of a pin by the keyboard alone, and save."""
    page = desk.page
    desk.open(f"{LIST}add/?action=PIN&target_type=ITEM&surface=cart")
    page.locator("#name").fill(name)
    page.locator("#find").press_sequentially("item_0001", delay=5)
    page.locator("#offers button").first.press("Enter")
    expect(page.locator("#chosen li")).to_have_count(1)
    page.locator("#chosen [name=place]").fill("2")
    expect(page.locator("#said .sentence")).to_contain_text("at position 2")
    page.locator("#reason").fill("For a test.")
    page.locator(f"button[name=do][value={do}]").press("Enter")
    page.wait_for_load_state("networkidle")


@pytest.fixture(scope="module")
def written() -> set[str]:
    return set()


@pytest.fixture
def some_rule(desk: Desk, written: set[str]) -> str:
    """Publish one rule for all tests here; return its page's address."""
    if not written:
        write_rule(desk, "Owl on top", do="publish")
        expect(desk.page.locator("h1")).to_have_text("Owl on top")
        written.add(desk.page.url.removeprefix(desk.address))
    [address] = written
    return address


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_faults(desk: Desk, some_rule: str, path: str) -> None:
    desk.open(path)

    check(desk, path)


@pytest.mark.parametrize("tab", TABS)
def test_a_tab_of_a_rule_has_no_faults(desk: Desk, some_rule: str, tab: str) -> None:
    desk.open(f"{some_rule}?tab={tab}")

    check(desk, tab)


def test_the_form_of_a_rule_has_no_faults(desk: Desk, some_rule: str) -> None:
    desk.open(some_rule.replace("/change/", "/edit/"))
    expect(desk.page.locator("#said .sentence")).to_be_visible()

    check(desk, "rule form")


def test_a_row_opens_from_the_keyboard(desk: Desk, some_rule: str) -> None:
    desk.open(f"{LIST}?q=Owl")
    button = desk.page.locator("[data-more]").first
    expect(desk.page.locator(".health .chip").first).not_to_have_text("Looking")

    button.press("Enter")

    expect(desk.page.locator("tr.more").first).to_contain_text("Last changes")
    expect(button).to_have_attribute("aria-expanded", "true")
    check(desk, "open row")


def test_only_what_the_action_needs_is_asked(desk: Desk) -> None:
    page = desk.page
    desk.open(f"{LIST}add/")

    page.locator("[name=action][value=PIN]").check(force=True)
    expect(page.locator("[name=even_if_unavailable]")).to_be_visible()
    expect(page.locator("[name=step]").first).not_to_be_visible()
    page.locator("[name=target_type][value=CONDITION]").check(force=True)

    expect(page.locator("#condition")).to_be_visible()
    expect(page.locator("#find")).not_to_be_visible()


def test_rules_are_paused_in_bulk_and_undone(desk: Desk, some_rule: str) -> None:
    page = desk.page
    desk.open(f"{LIST}?q=Owl")
    expect(page.locator("#bulk")).not_to_be_visible()

    page.locator("[name=rule]").first.press("Space")
    expect(page.locator("#bulk")).to_contain_text("1 chosen")
    page.locator("#bulk [value=pause]").press("Enter")
    expect(page.locator(".undo")).to_be_visible()
    check(desk, "after a bulk change")
    page.locator(".undo button").press("Enter")

    expect(page.locator(".message.success")).to_contain_text("Undone")


def test_a_draft_is_checked_submitted_and_withdrawn(desk: Desk) -> None:
    page = desk.page
    write_rule(desk, "Heron in a draft", do="draft")

    page.locator("[name=step][value=check]").press("Enter")
    expect(page.locator("main")).to_contain_text("Quick check")
    check(desk, "change set")
    page.locator("[name=step][value=submit]").press("Enter")
    expect(page.locator("main")).to_contain_text("In review")
    page.locator("[name=step][value=withdraw]").press("Enter")

    expect(page.locator("main")).to_contain_text("It is withdrawn.")


def test_both_texts_are_shown_to_who_saves_second(desk: Desk, some_rule: str) -> None:
    page = desk.page
    edit = some_rule.replace("/change/", "/edit/")
    desk.open(edit)
    base = int(page.locator("[name=base]").get_attribute("value") or 0)
    with page.context.new_page() as other:
        other.goto(desk.address + edit)
        other.locator("#priority").fill("77")
        other.locator("#reason").fill("Sooner.")
        other.locator("[name=do][value=publish]").press("Enter")
        other.wait_for_load_state("networkidle")
        expect(other.locator("h1")).to_have_text("Owl on top")

    page.locator("#description").fill("My note")
    page.locator("#reason").fill("A note.")
    page.locator("[name=do][value=draft]").press("Enter")

    expect(page.locator("#clash-title")).to_be_visible()
    expect(page.locator("#description")).to_have_value("My note")
    expect(page.locator("[name=base]")).to_have_value(str(base + 1))
    check(desk, "two texts")


def test_switching_rules_off_shows_on_every_page(desk: Desk, some_rule: str) -> None:
    page = desk.page
    for words, shown in (("off", True), ("on", False)):
        desk.open(f"{LIST}switch/")
        page.locator("#reason").fill("A drill.")
        page.get_by_role("button", name=re.compile(f"Switch all rules {words}")).press(
            "Enter"
        )
        page.wait_for_load_state("networkidle")
        desk.open("/admin/catalog/item/")
        expect(page.locator(".rules-off")).to_have_count(int(shown))
        if shown:
            check(desk, "rules off")
