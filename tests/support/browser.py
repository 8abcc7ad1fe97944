"""A page in a real Chromium, and a word at the end if there was none.

A test that asks for `page` is a browser test. Without a Chromium such tests do not run,
which the summary says; under CI that is a failure.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Page, ViewportSize, sync_playwright

from recsys_site.launch import chromium

_ARGUMENTS = [
    "--no-sandbox",  # Chromium as root starts no other way.
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_USUAL_SIZE: ViewportSize = {"width": 1280, "height": 720}
_NOT_RUN = pytest.StashKey[int]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    ours = [item for item in items if "page" in getattr(item, "fixturenames", ())]
    for item in ours:
        item.add_marker("browser")
    if ours and chromium.find() is None and not _in_ci():
        config.stash[_NOT_RUN] = len(ours)
        for item in ours:
            item.add_marker(pytest.mark.skip(reason="no Chromium"))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if count := config.stash.get(_NOT_RUN, 0):
        terminalreporter.section("browser tests", red=True)
        terminalreporter.line(f"NOT RUN: {count}. {chromium.HELP}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = chromium.find()
    if program is None:
        pytest.fail(f"There is no Chromium. {chromium.HELP}", pytrace=False)
    with pytest.MonkeyPatch.context() as patch:
        # Playwright keeps an event loop in this thread; our queries do not run in it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=program, args=_ARGUMENTS
            )
            yield browser
            browser.close()


class Window:
    """One page for all tests of a process: each new one costs a second to open."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._page: Page | None = None

    def fresh(self) -> Page:
        """Return a page that remembers nothing."""
        if self._page is not None:
            try:
                _forget(self._page)
            except Error:
                self.close()
        if self._page is None:
            context = self._browser.new_context(locale="en-GB", timezone_id="UTC")
            context.set_default_timeout(15_000)
            self._page = context.new_page()
        return self._page

    def close(self) -> None:
        if self._page is not None:
            self._page.context.close()
        self._page = None


def _forget(page: Page) -> None:
    for other in page.context.pages:
        if other is not page:
            other.close()
    page.unroute_all()
    if page.url.startswith("http"):
        page.evaluate("localStorage.clear(), sessionStorage.clear()")
    page.goto("about:blank")
    page.context.clear_cookies()
    page.emulate_media(color_scheme="null", media="null", reduced_motion="null")
    page.set_viewport_size(_USUAL_SIZE)


@pytest.fixture(scope="session")
def window(browser: Browser) -> Iterator[Window]:
    window = Window(browser)
    yield window
    window.close()


@pytest.fixture
def page(window: Window) -> Page:
    return window.fresh()


def _in_ci() -> bool:
    return os.environ.get("CI") == "true"
