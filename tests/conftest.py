"""Everything that more than one folder of tests needs, one plugin per subject."""

from __future__ import annotations

pytest_plugins = [
    "tests.support.examples",
    "tests.support.distribution",
    "tests.support.session",
    "tests.support.databases",
    "tests.support.browser",
    "tests.support.live_platform",
    "tests.support.own_state",
    "tests.support.launcher",
]

# `--doctest-modules` imports what it looks through, and some of these are programs.
collect_ignore_glob = ["support/*"]
