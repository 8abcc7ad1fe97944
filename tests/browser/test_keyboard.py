"""The admin without a mouse."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from .conftest import Desk


def test_tab_leads_to_the_content_first(desk: Desk) -> None:
    desk.open("/admin/catalog/item/")
    keyboard = desk.page.keyboard

    keyboard.press("Tab")
    expect(desk.page.locator(":focus")).to_have_text("Skip to content")
    keyboard.press("Enter")

    expect(desk.page.locator("#main")).to_be_focused()


def test_every_stop_of_the_keyboard_can_be_seen(desk: Desk) -> None:
    desk.open("/admin/")

    for _ in range(12):
        desk.page.keyboard.press("Tab")
        outline = desk.page.evaluate(
            "getComputedStyle(document.activeElement).outlineStyle"
        )
        assert outline == "solid"


def test_the_palette_finds_an_item_by_its_title(desk: Desk) -> None:
    desk.open("/admin/catalog/item/")
    title = desk.page.locator("main .item .title").nth(2).inner_text()

    desk.page.keyboard.press("Control+k")
    desk.page.keyboard.type(title)
    option = desk.page.locator("#palette [role=option]").first
    expect(option).to_contain_text(title)
    expect(option).to_have_attribute("aria-selected", "true")
    desk.page.keyboard.press("Enter")

    expect(desk.page.locator("h1")).to_have_text(title)


def test_escape_closes_the_palette(desk: Desk) -> None:
    desk.open("/admin/catalog/item/")
    desk.page.keyboard.press("Control+k")
    expect(desk.page.locator("#palette")).to_be_visible()

    desk.page.keyboard.press("Escape")

    expect(desk.page.locator("#palette")).not_to_be_visible()


def test_a_profile_is_published_from_the_keyboard(desk: Desk) -> None:
    desk.open_first_row("/admin/ranking/profile/")
    desk.page.locator("main .page-head a", has_text="Edit").press("Enter")
    brand_cap = desk.page.locator("#knob-brand_cap")
    expect(brand_cap).not_to_be_visible()

    desk.page.locator("#find-knob").fill("brand cap")
    brand_cap.fill("-3")
    desk.page.locator("#notes").press("Enter")
    expect(desk.page.locator(".knob .error")).to_contain_text("Must be a whole number")
    expect(brand_cap).to_have_value("-3")

    brand_cap.fill("3")
    desk.page.locator("#notes").fill("Fewer of one brand")
    desk.page.locator("#notes").press("Enter")

    expect(desk.page.locator(".message.success")).to_contain_text("is live")
    expect(desk.page.locator("main")).to_contain_text("“Fewer of one brand”")
    expect(desk.page.locator("main")).to_contain_text(re.compile(r"Brand cap: .+ → 3"))


def test_a_slider_and_its_number_say_the_same(desk: Desk) -> None:
    desk.open("/admin/ranking/segmentprofile/add/")
    number = desk.page.locator("#knob-blend_alpha")
    slider = desk.page.locator("[data-slides=blend_alpha]")
    row = desk.page.locator(".knob", has=number)
    expect(slider).to_have_attribute("aria-valuetext", "not set, default 0.2")
    expect(row.locator("[data-changed]")).not_to_be_visible()

    slider.press("ArrowRight")
    expect(number).to_have_value("0.21")
    expect(row.locator("[data-changed]")).to_have_text("changed from 0.2")

    number.fill("7.5")
    expect(slider).to_have_value("7.5")
    row.locator("[data-clear]").press("Enter")
    expect(number).to_have_value("")
    expect(slider).to_have_value("0.2")
    assert desk.console == []


def test_knobs_to_tune_are_found_and_given_a_range(desk: Desk) -> None:
    desk.open("/admin/tuning/sweep/add/")
    low = desk.page.locator("[name=low-profile_starter_blend_weight]")
    high = desk.page.locator("[name=high-profile_starter_blend_weight]")

    desk.page.locator("#find-knob").fill("starter weight")
    desk.page.locator("#find-knob").press("Enter")
    expect(desk.page.locator("[data-knobs-found]")).to_have_text(re.compile("^1 of "))
    expect(low).not_to_be_visible()
    desk.page.locator("[name=tune-profile_starter_blend_weight]").press("Space")
    expect(desk.page.locator("[data-chosen-names]")).to_have_text(
        "1 chosen: profile_starter_blend_weight"
    )

    desk.page.locator("[data-slides=high-profile_starter_blend_weight]").press("Home")
    expect(high).to_have_value("0")
    desk.page.locator("[data-slides=low-profile_starter_blend_weight]").press("End")
    expect(low).to_have_value("1")
    expect(high).to_have_value("1")
    assert desk.console == []


def test_a_segment_is_tried_before_it_is_in_force(desk: Desk) -> None:
    desk.open("/admin/ranking/segment/add/")
    desk.page.locator("#segment_id").fill("germans")
    desk.page.locator("#priority").fill("1000")
    desk.page.locator("#rules").fill('{"eq": ["user.traits.country", "de"]}')
    desk.page.locator("#try_traits").fill('{"country": "de"}')

    desk.page.locator("button", has_text="Try").press("Enter")

    expect(desk.page.locator("#dry-run")).to_contain_text("this segment")


def test_the_colours_that_were_chosen_stay(desk: Desk) -> None:
    desk.open("/admin/")
    desk.page.emulate_media(color_scheme="light")
    desk.page.locator(".me").press("Enter")
    desk.page.locator("[data-theme-choice=dark]").press("Enter")

    desk.open("/admin/catalog/user/")

    expect(desk.page.locator("html")).to_have_class(re.compile("dark"))
