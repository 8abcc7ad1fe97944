from __future__ import annotations

import re
import subprocess

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

from recsys_site import reference
from recsys_site.environment import VARIABLES
from recsys_site.reference.commands import OURS

ROOT = settings.BASE_DIR
READ = re.compile(
    r"""(?:env\.(?:text|flag|number)\(|environ(?:\.get)?[(\[]|setdefault\()\s*"""
    r"""["']([A-Z][A-Z_]+)["']"""
)
# Not ours to explain.
FOREIGN = {
    *("DJANGO_SETTINGS_MODULE", "PATH", "HOME", "CI", "PYTEST_VERSION"),
    *("CELERY_SKIP_CHECKS", "PLAYWRIGHT_BROWSERS_PATH", "RECSYS_TEST_SESSION"),
}


def committed(pattern: str) -> list[str]:
    listing = subprocess.run(
        ["git", "ls-files", pattern],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return listing.stdout.split()


@pytest.mark.parametrize("page", reference.PAGES)
def test_generated_page_says_what_the_code_says(page):
    stale = [path.name for path in reference.out_of_step(ROOT)]

    assert page not in stale, "run `manage.py write_reference`"


def test_every_variable_that_the_code_reads_is_explained():
    explained = {variable.name for variable in VARIABLES}
    read = {
        name
        for path in committed("recsys_site/*.py")
        for name in READ.findall((ROOT / path).read_text())
    }

    assert read - FOREIGN - explained == set()


def test_every_error_code_that_is_explained_is_one_that_the_code_gives():
    page = (ROOT / "docs/reference/conventions.md").read_text()
    rows = re.findall(r"^\| [1-5]\d\d.*$", page, re.MULTILINE)
    explained = set(re.findall(r"`([a-z_]+)`", "".join(rows)))
    apps = ("audit", "catalog", "rules", "ranking", "simulations", "recsys_site")
    code = "".join(
        (ROOT / path).read_text() for app in apps for path in committed(f"{app}/*.py")
    )

    assert explained
    assert {name for name in explained if f'"{name}"' not in code} == set()


def test_links_between_pages_lead_somewhere():
    links = [
        (ROOT / page, target)
        for page in committed("*.md")
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", (ROOT / page).read_text())
    ]

    broken = [
        f"{page.name}: {target}"
        for page, target in links
        if "://" not in target and not (page.parent / target).exists()
    ]

    assert broken == []


def test_no_argument_of_ours_takes_the_place_of_djangos_own():
    usual = {
        action.dest: action.option_strings
        for action in BaseCommand().create_parser("manage.py", "any")._actions
    }
    ours = [name for name, app in get_commands().items() if app in OURS]
    assert "configure_env" in ours

    for name in ours:
        parser = load_command_class(get_commands()[name], name).create_parser("", name)
        for action in parser._actions:
            known = usual.get(action.dest, action.option_strings)
            assert action.option_strings == known, f"{name}: {action.dest}"
