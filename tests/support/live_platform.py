"""The platform as its users meet it: processes that answer HTTP.

Its database, its Valkey and its files are its own, beside those of the session.
"""

from __future__ import annotations

import dataclasses
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo
from pytest_django import DjangoDbBlocker

from recsys_site import embedded
from recsys_site.embedded import account, processes, supervisor
from recsys_site.embedded.state import REPOSITORY
from recsys_site.launch import children
from recsys_site.launch.addresses import get
from recsys_site.launch.children import Child
from recsys_site.launch.guard import Guard
from recsys_site.launch.keeper import Keeper

from . import template
from .databases import SESSION_DATABASE
from .session import SESSION

_START_SECONDS = 60


class LivePlatform:
    """Desk and serve, and on request more of what `make run` starts."""

    def __init__(
        self, *, database: str, state: Path, environment: Mapping[str, str]
    ) -> None:
        self.database = database
        self.state = state
        self.environment = environment
        self._desk_port, self._serve_port = _free_ports()
        self._guard = Guard()
        self._keepers: list[Keeper] = []

    @property
    def desk(self) -> str:
        return f"http://127.0.0.1:{self._desk_port}"

    @property
    def serve(self) -> str:
        return f"http://127.0.0.1:{self._serve_port}"

    def start(self, child: Child) -> Keeper:
        """Start a process such as `children.worker()`; it ends with the session."""
        environment = {**self.environment, **child.environment}
        child = dataclasses.replace(child, environment=environment)
        logs = self.state / "logs"
        keeper = Keeper(child, logs=logs, guard=self._guard, report=print)
        keeper.start()
        self._keepers.append(keeper)
        return keeper

    def start_web(self) -> None:
        desk = children.desk(host="127.0.0.1", port=self._desk_port)
        serve = children.serve(host="127.0.0.1", port=self._serve_port)
        keepers = [self.start(desk), self.start(serve)]
        for keeper, port in zip(
            keepers, (self._desk_port, self._serve_port), strict=True
        ):
            if not processes.wait_until(
                partial(_answers, port), seconds=_START_SECONDS
            ):
                log = keeper.log.read_text()[-4000:]
                pytest.fail(f"{keeper.child.name} does not answer:\n{log}")

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py against this platform and return what it says."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=REPOSITORY,
            env=dict(self.environment),
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop(self) -> None:
        for keeper in self._keepers:
            keeper.ask_to_stop()
        for keeper in self._keepers:
            keeper.make_stop()
        self._guard.dismiss()


@pytest.fixture(scope="session")
def live_platform(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[LivePlatform]:
    """Run desk and serve on a migrated, empty database until the session ends."""
    with running_platform("live", blocker=django_db_blocker) as platform:
        yield platform


@contextmanager
def running_platform(
    name: str,
    *,
    blocker: DjangoDbBlocker,
    reached: Mapping[str, str | int] | None = None,
) -> Iterator[LivePlatform]:
    """Run desk and serve on a database, a Valkey and files of that name.

    `reached` says how they reach the database, where that is not the usual way.
    """
    database = f"{SESSION_DATABASE}_{name}"
    with blocker.unblock():
        template.create_database(database)
    with pytest.MonkeyPatch.context() as patch:
        for variable, value in _environment(name, database, reached or {}).items():
            patch.setenv(variable, value)
        state = embedded.state_directory()
        account.make_directory(state / "logs")
        if embedded.addresses().redis_embedded:
            supervisor.start_server(supervisor.VALKEY, report=print, leashed=True)
        platform = LivePlatform(
            database=database, state=state, environment=dict(os.environ)
        )
    try:
        platform.start_web()
        yield platform
    finally:
        platform.stop()
        _stop_valkey(name)
        with closing(template.server()) as server:
            template.drop_database(server, name=database)


def _environment(
    name: str, database: str, reached: Mapping[str, str | int]
) -> dict[str, str]:
    urls = {
        "DATABASE_URL": template.url("database_url", database=database),
        "DATABASE_OWNER_URL": template.url("owner_url", database=database),
        "DATABASE_READ_URL": template.url("read_url", database=database),
    }
    through = {each: make_conninfo(url, **reached) for each, url in urls.items()}
    return {
        **(through if reached else urls),
        "RECSYS_TEST_SESSION": _session(name),
        "RECSYS_GUARDRAILS_FILE": str(Path(__file__).with_name("guardrails.yml")),
    }


def _session(name: str) -> str:
    return f"{SESSION}/{name}"


def _stop_valkey(name: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_TEST_SESSION", _session(name))
        supervisor.stop([supervisor.VALKEY])


def _answers(port: int) -> bool:
    status, _ = get("127.0.0.1", port=port, path="/livez")
    return 0 < status < 500


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]
