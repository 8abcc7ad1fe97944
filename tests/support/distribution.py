"""How tests are shared out among processes, each of which is a session of its own.

What takes long to prepare is prepared in one of them: all that drives the demo shop in
a browser goes together, and so does each file.
"""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

_TOGETHER = ("tests/browser/",)
_FIRST = {"browser": 0, "processes": 1}


class ByPreparation(LoadScopeScheduling):
    """Hand out whole files, and the folders whose files share one preparation."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return next((each for each in _TOGETHER if file.startswith(each)), file)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process ends long before another."""
    items.sort(key=_comes)


def _comes(item: pytest.Item) -> int:
    marks = (_FIRST.get(mark.name, len(_FIRST)) for mark in item.iter_markers())
    return min(marks, default=len(_FIRST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Producer
) -> LoadScopeScheduling:
    return ByPreparation(config, log)


def hands_out(config: pytest.Config) -> bool:
    """Return whether this process runs no tests itself, but has others run them."""
    is_one_of_them = hasattr(config, "workerinput")
    return bool(config.getoption("numprocesses", None)) and not is_one_of_them
