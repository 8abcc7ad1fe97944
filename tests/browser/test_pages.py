"""Every page of the admin: no fault for axe, no word on the console, 390 px wide."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from axe_playwright_python.sync_playwright import Axe

from .axe_known import KNOWN
from .conftest import PASSWORD, Desk, settle

AXE = Axe()
# The rows of a long list are made like those before them, and each costs its time.
LOOKED_AT = {"exclude": [["tbody tr:nth-child(n+13)"]]}
LISTS = [
    "/admin/audit/decision/",
    "/admin/audit/edit/",
    "/admin/audit/feedback/",
    "/admin/catalog/apikey/",
    "/admin/catalog/change/",
    "/admin/catalog/event/",
    "/admin/catalog/eventtype/",
    "/admin/catalog/item/",
    "/admin/catalog/membership/",
    "/admin/catalog/namespace/",
    "/admin/catalog/org/",
    "/admin/catalog/run/",
    "/admin/catalog/user/",
    "/admin/django_celery_beat/periodictask/",
    "/admin/ranking/banditdecision/",
    "/admin/ranking/banditpolicy/",
    "/admin/ranking/experiment/",
    "/admin/ranking/profile/",
    "/admin/ranking/segment/",
    "/admin/ranking/segmentprofile/",
    "/admin/ranking/signalbuild/",
    "/admin/rules/changecheck/",
    "/admin/rules/incident/",
    "/admin/rules/webhook/",
    "/admin/simulations/evaluation/",
    "/admin/simulations/guardrailcheck/",
    "/admin/simulations/guardrailcheck/breach/min_long_tail_share/",
    "/admin/simulations/guardrailcheck/checks/",
    "/admin/simulations/scenariorun/",
    "/admin/simulations/simulation/",
    "/admin/auth/user/",
]
FORMS = [
    "/admin/",
    "/admin/catalog/apikey/add/",
    "/admin/catalog/eventtype/1/edit/",
    "/admin/catalog/membership/add/",
    "/admin/password_change/",
    "/admin/ranking/banditpolicy/add/",
    "/admin/ranking/experiment/add/",
    "/admin/ranking/profile/add/",
    "/admin/ranking/segment/add/",
    "/admin/ranking/segmentprofile/add/",
    "/admin/rules/webhook/add/",
    "/admin/simulations/simulation/new/",
    "/admin/tuning/sweep/add/",
]
ROWS = [
    "/admin/audit/decision/",
    "/admin/audit/edit/",
    "/admin/catalog/item/",
    "/admin/catalog/namespace/",
    "/admin/catalog/run/",
    "/admin/catalog/user/",
    "/admin/django_celery_beat/periodictask/",
    "/admin/ranking/profile/",
    "/admin/ranking/segment/",
    "/admin/ranking/signalbuild/",
    "/admin/tuning/sweep/",
]
BRANCHES = {
    "profile form": ("/admin/ranking/profile/", "a[href$='/edit/']"),
    "compared versions": ("/admin/ranking/profile/", "a[href$='/compare/']"),
    "dropped items": ("/admin/audit/decision/", "a[href*='tab=dropped']"),
    "not reached items": ("/admin/audit/decision/", "a[href*='tab=not-reached']"),
    "trial": ("/admin/tuning/sweep/", "tbody a[href*='/trials/']"),
    "why an item": ("/admin/audit/decision/", "a[href*='item=']"),
}


@pytest.mark.parametrize("path", LISTS + FORMS)
def test_a_page_has_no_faults(desk: Desk, path: str) -> None:
    desk.open(path)

    check(desk, path)


@pytest.mark.parametrize("path", ROWS)
def test_the_page_of_a_row_has_no_faults(desk: Desk, path: str) -> None:
    desk.open_first_row(path)

    check(desk, f"{path}row")


@pytest.mark.parametrize("name", BRANCHES)
def test_a_branch_of_a_page_has_no_faults(desk: Desk, name: str) -> None:
    path, link = BRANCHES[name]
    desk.open_first_row(path)
    found = desk.page.locator(f"main {link}")
    if name == "compared versions" and not found.count():
        pytest.skip("one version has nothing to be compared with")
    href = found.first.get_attribute("href")
    assert href
    desk.page.goto(
        desk.page.url.split("?")[0] + href if href[0] == "?" else desk.address + href
    )
    settle(desk.page)

    check(desk, name)


def test_the_login_page_lets_in_who_knows_the_password(desk: Desk) -> None:
    desk.page.context.clear_cookies()
    desk.open("/admin/login/?next=/admin/")
    check(desk, "login")

    desk.page.fill("#id_username", "ellie")
    desk.page.fill("#id_password", PASSWORD)
    desk.page.press("#id_password", "Enter")

    desk.page.wait_for_url("**/admin/")


def test_known_faults_are_of_the_installed_theme() -> None:
    assert all(fault.theme_version == version("django-unfold") for fault in KNOWN)


def check(desk: Desk, name: str) -> None:
    """Look at a page in light, in dark and as narrow as a phone."""
    page = desk.page
    page.set_viewport_size({"width": 1280, "height": 860})
    found: dict[tuple[str, str], str] = {}
    page.emulate_media(color_scheme="light")
    found |= faults(desk)
    page.emulate_media(color_scheme="dark")  # Which changes colours and nothing else.
    found |= faults(desk, runOnly=["color-contrast"])
    known = {(fault.rule, fault.selector) for fault in KNOWN if fault.page == name}
    page.set_viewport_size({"width": 390, "height": 844})
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")

    assert known <= set(found), (
        f"gone, take it out of axe_known.py: {known - set(found)}"
    )
    assert {at: html for at, html in found.items() if at not in known} == {}
    assert overflow <= 0, f"{overflow} px wider than the screen"
    assert desk.console == []


def faults(desk: Desk, **options: object) -> dict[tuple[str, str], str]:
    """Return what axe finds, by rule and place; it stays in the page it once read."""
    asked = options or {}
    if desk.page.evaluate("typeof axe") == "undefined":
        found = AXE.run(desk.page, context=LOOKED_AT, options=asked).response
    else:
        run = "([where, asked]) => axe.run(where, asked)"
        found = desk.page.evaluate(run, [LOOKED_AT, asked])
    return {
        (violation["id"], " ".join(map(str, node["target"]))): node["html"]
        for violation in found["violations"]
        for node in violation["nodes"]
    }
