"""A shop that tests talk to over HTTP, as its own org that nobody else sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker

from audit.spool import writer
from catalog import access
from ranking.queries import round_trip
from ranking.serve import served
from tests.ranking.shops import Shop


@pytest.fixture(scope="session")
def serving_connections(django_db_setup: None) -> Iterator[None]:
    """Close what serving opened before the session's database is dropped."""
    yield
    round_trip.close()


@pytest.fixture
def shop(
    serving_connections: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path: Path,
    settings: Any,
) -> Iterator[Shop]:
    """A shop whose writes are committed: serving reads over connections of its own.

    Nothing is rolled back; the org is new, so nobody else meets its rows.
    """
    settings.FILES_ROOT = tmp_path
    settings.FIRST_BUILD_WAIT_SECONDS = 0
    with django_db_blocker.unblock():
        access.forget_cached()
        served.forget_all()
        yield Shop(org_id=uuid4(), client=Client(raise_request_exception=True))
        writer.flush()
        served.forget_all()
