"""The platform that stories talk to is a real one, on a database of its own."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlsplit

import pytest

from recsys_site.embedded.processes import wait_until
from recsys_site.launch.addresses import get
from tests.support.databases import SESSION_DATABASE
from tests.support.live_platform import LivePlatform

pytestmark = pytest.mark.processes


def test_desk_and_serve_answer(live_platform: LivePlatform) -> None:
    """The second process of each may still be starting, and lets a caller wait."""
    for base in (live_platform.desk, live_platform.serve):
        port = urlsplit(base).port
        assert port
        assert wait_until(partial(_answers, port), seconds=60)


def _answers(port: int) -> bool:
    return get("127.0.0.1", port=port, path="/livez")[0] == 200


def test_commands_see_its_database_and_not_the_session_s(
    live_platform: LivePlatform,
) -> None:
    code = "from django.db import connection as c; print(c.settings_dict['NAME'])"
    said = live_platform.manage("shell", "--verbosity", "0", "--command", code)
    assert said.strip() == f"{SESSION_DATABASE}_live"
