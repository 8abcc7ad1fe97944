"""The admin as a visitor of the shop: who it is goes along from page to page."""

from __future__ import annotations

from playwright.sync_api import expect

from .conftest import Desk
from .test_pages import faults


def test_who_is_previewed_goes_along(desk: Desk) -> None:
    page = desk.page
    desk.open("/admin/catalog/user/?q=user_0006")
    page.locator(".preview-button").press("Enter")
    page.get_by_label("Surface").fill("email")
    page.get_by_label("Date and time").fill("2026-11-27T09:00")
    page.get_by_role("button", name="Preview", exact=True).press("Enter")

    expect(page.locator(".preview-button")).to_contain_text("email · 27 Nov 09:00")
    page.locator("main table a[href*='/change/']").first.press("Enter")
    heading = page.locator("main h2", has_text="Would see at that moment")
    expect(heading).to_have_text("Would see at that moment on email")

    page.locator(".side a", has_text="Items").first.press("Enter")
    page.locator("main table a[href*='/change/']").first.press("Enter")
    expect(page.locator("main h2", has_text="On email")).to_be_visible()
    assert desk.console == []


def test_nobody_is_previewed_any_more_when_that_is_said(desk: Desk) -> None:
    page = desk.page
    desk.open("/admin/catalog/item/?as_who=segment:new_users")
    page.locator(".preview-button").press("Enter")

    page.get_by_role("link", name="As nobody in particular").press("Enter")

    expect(page.locator(".preview-button")).to_have_text("Preview as")
    assert "as_who" not in page.url


def test_the_form_has_no_faults(desk: Desk) -> None:
    page = desk.page
    desk.open("/admin/")
    page.locator(".preview-button").press("Enter")
    expect(page.get_by_label("Surface")).to_be_visible()

    assert faults(desk) == {}
    page.emulate_media(color_scheme="dark")
    assert faults(desk, runOnly=["color-contrast"]) == {}
