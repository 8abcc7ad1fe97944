"""How tests are shared out among processes, each of which is a session of its own.

What takes long to prepare is prepared in one of them: all that drives the demo shop in
a browser goes together, and so does each file.
"""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

_TOGETHER = ("tests/browser/",)


class ByPreparation(LoadScopeScheduling):
    """Hand out whole files, and the folders whose files share one preparation."""

    def _split_scope(self, nodeid: str) -> str:
        file = _file_of(nodeid)
        return next((each for each in _TOGETHER if file.startswith(each)), file)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, and end with what leaves rows behind.

    So no process ends long before another, and who expects an empty database finds one.
    """
    turns: dict[str, int] = {}
    for item in items:
        file = _file_of(item.nodeid)
        turns[file] = max(turns.get(file, 0), _turn(item))
    items.sort(key=lambda item: turns[_file_of(item.nodeid)])


def _turn(item: pytest.Item) -> int:
    marks = {mark.name for mark in item.iter_markers()}
    if _leaves_rows(item, marks):
        return 3
    if "browser" in marks:
        return 0
    return 1 if "processes" in marks else 2


def _leaves_rows(item: pytest.Item, marks: set[str]) -> bool:
    """Return whether it commits to the session's database, and nobody rolls it back."""
    names = set(getattr(item, "fixturenames", ()))
    kept_clean = "django_db" in marks or names & {"db", "transactional_db"}
    own = names & {"live_platform", "launcher", "own_state"}
    return "django_db_blocker" in names and not kept_clean and not own


def _file_of(nodeid: str) -> str:
    return nodeid.split("::", 1)[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Producer
) -> LoadScopeScheduling:
    return ByPreparation(config, log)


def hands_out(config: pytest.Config) -> bool:
    """Return whether this process runs no tests itself, but has others run them."""
    is_one_of_them = hasattr(config, "workerinput")
    return bool(config.getoption("numprocesses", None)) and not is_one_of_them
