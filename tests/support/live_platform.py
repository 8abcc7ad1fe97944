"""The platform as its users meet it: processes that answer HTTP.

Its database, its Valkey and its files are its own, beside those of the session.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from recsys_site import embedded
from recsys_site.embedded import account, processes, supervisor
from recsys_site.launch import children
from recsys_site.launch.addresses import get
from recsys_site.launch.keeper import Keeper

from . import template
from .databases import SESSION_DATABASE
from .session import SESSION

_START_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class LivePlatform:
    """Base URLs, and the environment for further processes such as `manage.py`."""

    desk: str
    serve: str
    database: str
    state: Path
    environment: Mapping[str, str]


@pytest.fixture(scope="session")
def live_platform(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[LivePlatform]:
    """Run desk and serve on a migrated, empty database until the session ends."""
    database = f"{SESSION_DATABASE}_live"
    with django_db_blocker.unblock():
        template.create_database(database)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _environment(database).items():
            patch.setenv(name, value)
        state = embedded.state_directory()
        account.make_directory(state / "logs")
        if embedded.addresses().redis_embedded:
            supervisor.start_server(supervisor.VALKEY, report=print, leashed=True)
        ports = [_free_port(), _free_port()]
        keepers = _start(ports, state=state)
        environment = dict(os.environ)
    try:
        _wait_for(ports, keepers=keepers)
        desk, serve = (f"http://127.0.0.1:{port}" for port in ports)
        yield LivePlatform(
            desk=desk,
            serve=serve,
            database=database,
            state=state,
            environment=environment,
        )
    finally:
        _stop(keepers, session=environment["RECSYS_TEST_SESSION"])
    with closing(template.server()) as server:
        template.drop_database(server, name=database)


def _environment(database: str) -> dict[str, str]:
    return {
        "DATABASE_URL": template.url("database_url", database=database),
        "DATABASE_OWNER_URL": template.url("owner_url", database=database),
        "DATABASE_READ_URL": template.url("read_url", database=database),
        "RECSYS_TEST_SESSION": f"{SESSION}/live",
    }


def _start(ports: list[int], *, state: Path) -> list[Keeper]:
    desk, serve = ports
    keepers = [
        Keeper(child, logs=state / "logs", report=print)
        for child in (
            children.desk(host="127.0.0.1", port=desk),
            children.serve(host="127.0.0.1", port=serve),
        )
    ]
    for keeper in keepers:
        keeper.start()
    return keepers


def _wait_for(ports: list[int], *, keepers: list[Keeper]) -> None:
    for port, keeper in zip(ports, keepers, strict=True):
        if not processes.wait_until(partial(_answers, port), seconds=_START_SECONDS):
            log = keeper.log.read_text()[-4000:]
            pytest.fail(f"{keeper.child.name} does not answer:\n{log}")


def _answers(port: int) -> bool:
    status, _ = get("127.0.0.1", port=port, path="/livez")
    return 0 < status < 500


def _stop(keepers: list[Keeper], *, session: str) -> None:
    for keeper in keepers:
        keeper.ask_to_stop()
    for keeper in keepers:
        keeper.make_stop()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_TEST_SESSION", session)
        supervisor.stop([supervisor.VALKEY])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
