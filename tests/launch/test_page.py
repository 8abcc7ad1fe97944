"""Browser tests run in a real Chromium, or say that they did not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from recsys_site.embedded.state import REPOSITORY
from recsys_site.launch import chromium


def test_a_page_shows_what_it_is_given(page: Page) -> None:
    page.set_content("<h1>Merchandise</h1>")
    expect(page.get_by_role("heading")).to_have_text("Merchandise")


def _run_the_test_above(**environment: str) -> subprocess.CompletedProcess[str]:
    own = {"PYTEST_VERSION", "RECSYS_TEST_SESSION", "CI"}
    outer = {name: os.environ[name] for name in os.environ if name not in own}
    name = test_a_page_shows_what_it_is_given.__name__
    test = f"{Path(__file__).relative_to(REPOSITORY)}::{name}"
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--no-header", test],
        check=False,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env=outer | {"CHROMIUM": "/nowhere/chromium"} | environment,
    )


@pytest.mark.prove
def test_without_a_browser_the_summary_says_what_did_not_run() -> None:
    run = _run_the_test_above()
    assert run.returncode == 0, run.stdout
    assert "NOT RUN: 1" in run.stdout
    assert "apt-get install chromium" in run.stdout


def test_without_a_browser_ci_fails() -> None:
    run = _run_the_test_above(CI="true")
    assert run.returncode == 1
    assert "There is no Chromium" in run.stdout


def test_a_chromium_that_does_not_start_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CHROMIUM", str(broken))
    assert chromium.find() is None


def test_the_cache_of_playwright_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.setattr(chromium, "_NAMES", ())
    program = tmp_path / "chromium-1" / "chrome-linux64" / "chrome"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    assert chromium.find() == program
