"""Each session's own database; tests use it as `recsys_app`, like production."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from . import template
from .session import SESSION, living_sessions

_PREFIX = "recsys_test_"
SESSION_DATABASE = _PREFIX + SESSION


@pytest.fixture(scope="session")
def django_db_setup(
    test_servers: None,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_createdb: bool,
) -> Iterator[None]:
    """Replace pytest-django's, which would migrate as a role that may not.

    `pytest --create-db` migrates anew.
    """
    with django_db_blocker.unblock():
        if django_db_createdb:
            template.forget_templates()
        _drop_leftovers()
        template.create_database(SESSION_DATABASE)
        template.point_django_at(SESSION_DATABASE)
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        with closing(template.server()) as server:
            template.drop_database(server, name=SESSION_DATABASE)


def _drop_leftovers() -> None:
    """Drop what killed sessions left. Names are `recsys_test_<session>[_<purpose>]`."""
    living = living_sessions()
    with closing(template.server()) as server:
        found = server.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [_PREFIX]
        )
        for (name,) in found.fetchall():
            if str(name).removeprefix(_PREFIX).split("_")[0] not in living:
                template.drop_database(server, name=str(name))
