"""Servers that somebody else runs are made ready, or what is missing is named."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from recsys_site import embedded
from recsys_site.embedded import places, postgres
from recsys_site.embedded.addresses import Addresses
from recsys_site.embedded.configured import prepare_configured
from recsys_site.embedded.databases import EXTENSIONS, Connection
from recsys_site.embedded.failure import ServerError
from recsys_site.embedded.state import REPOSITORY
from tests.support import template
from tests.support.databases import SESSION_DATABASE
from tests.support.session import SESSION

pytestmark = pytest.mark.skipif(
    not embedded.addresses().postgres_embedded, reason="takes a superuser"
)
_NOBODY = "127.0.0.1:1"


@dataclass(frozen=True)
class Elsewhere:
    """A database that a superuser made for three roles, and did nothing more."""

    name: str
    prefix: str

    def url(self, role: str) -> str:
        return make_conninfo(
            host=str(places.postgres().sockets),
            user=f"{self.prefix}_{role}",
            dbname=self.name,
        )

    @property
    def addresses(self) -> Addresses:
        return Addresses(
            database_url=self.url("app"),
            owner_url=self.url("owner"),
            read_url=self.url("read"),
            redis_url="",
            cache_url="",
            postgres_embedded=False,
            redis_embedded=True,
        )

    def run(self, role: str, statement: str) -> list[tuple[object, ...]]:
        with closing(psycopg.connect(self.url(role), autocommit=True)) as connection:
            return _run(connection, statement)

    def run_as_superuser(self, statement: str) -> list[tuple[object, ...]]:
        with closing(_superuser(self.name)) as connection:
            return _run(connection, statement)

    def create_extensions(self) -> None:
        for extension in EXTENSIONS:
            self.run_as_superuser(f"CREATE EXTENSION {extension}")


@pytest.fixture
def elsewhere(test_servers: None) -> Iterator[Elsewhere]:
    found = Elsewhere(f"{SESSION_DATABASE}_elsewhere", f"shop_{SESSION}")
    with closing(template.server()) as server:
        for role in ("owner", "app", "read"):
            _name(server, "CREATE ROLE {} LOGIN", f"{found.prefix}_{role}")
        owner = f"{found.prefix}_owner"
        _name(server, "CREATE DATABASE {} OWNER {}", found.name, owner)
        yield found
        template.drop_database(server, name=found.name)
        for role in ("owner", "app", "read"):
            _name(server, "DROP ROLE {}", f"{found.prefix}_{role}")


def test_what_takes_a_superuser_is_named_as_a_statement(elsewhere: Elsewhere) -> None:
    with pytest.raises(ServerError, match="CREATE EXTENSION vector;") as caught:
        prepare_configured(elsewhere.addresses)

    assert f"in the database {elsewhere.name}" in str(caught.value)


def test_the_roles_may_use_what_the_owner_makes_from_then_on(
    elsewhere: Elsewhere,
) -> None:
    elsewhere.create_extensions()

    prepare_configured(elsewhere.addresses)
    prepare_configured(elsewhere.addresses)

    elsewhere.run("owner", "CREATE TABLE shelf (id serial, name text)")
    _assert_usable(elsewhere)


def test_tables_from_before_are_opened_too(elsewhere: Elsewhere) -> None:
    elsewhere.create_extensions()
    elsewhere.run("owner", "CREATE TABLE shelf (id serial, name text)")

    prepare_configured(elsewhere.addresses)

    _assert_usable(elsewhere)


def test_an_owner_that_may_not_create_tables_is_named(elsewhere: Elsewhere) -> None:
    elsewhere.create_extensions()
    elsewhere.run_as_superuser(f"ALTER DATABASE {elsewhere.name} OWNER TO postgres")

    with pytest.raises(ServerError, match="GRANT USAGE, CREATE ON SCHEMA") as caught:
        prepare_configured(elsewhere.addresses)

    (statement,) = (
        part for part in str(caught.value).split(": ") if part.startswith("GRANT")
    )
    elsewhere.run_as_superuser(statement)
    prepare_configured(elsewhere.addresses)


def test_tables_of_another_owner_are_named(elsewhere: Elsewhere) -> None:
    elsewhere.create_extensions()
    elsewhere.run_as_superuser("CREATE TABLE django_migrations (id int)")

    with pytest.raises(ServerError, match="The tables belong to postgres"):
        prepare_configured(elsewhere.addresses)


def test_addresses_of_two_databases_are_refused(elsewhere: Elsewhere) -> None:
    addresses = elsewhere.addresses
    other = make_conninfo(addresses.read_url, dbname="postgres")

    with pytest.raises(ServerError, match="lead to different databases"):
        prepare_configured(_with(addresses, read_url=other))


def test_all_that_cannot_be_reached_is_named_at_once() -> None:
    away = f"postgresql://nobody@{_NOBODY}/shop"
    addresses = Addresses(
        database_url=away,
        owner_url=f"{away}?application_name=owner",
        read_url=away,
        redis_url=f"redis://{_NOBODY}/0",
        cache_url=f"redis://{_NOBODY}/0",
        postgres_embedded=False,
        redis_embedded=False,
    )

    with pytest.raises(ServerError) as caught:
        prepare_configured(addresses)

    named = [line.split()[1] for line in str(caught.value).splitlines()[1:]]
    assert named == ["REDIS_URL", "DATABASE_URL", "DATABASE_OWNER_URL"]


def test_a_broker_that_not_all_of_us_can_reach_is_refused() -> None:
    socket = Addresses(
        database_url="",
        owner_url="",
        read_url="",
        redis_url="unix:///tmp/valkey.sock",
        cache_url="unix:///tmp/valkey.sock",
        postgres_embedded=True,
        redis_embedded=False,
    )

    with pytest.raises(ServerError, match="must begin with redis://"):
        prepare_configured(socket)


@pytest.mark.processes
@pytest.mark.prove
def test_the_product_works_there_as_three_roles(elsewhere: Elsewhere) -> None:
    elsewhere.create_extensions()
    addresses = elsewhere.addresses
    environment = os.environ | {
        "DATABASE_URL": addresses.database_url,
        "DATABASE_OWNER_URL": addresses.owner_url,
        "DATABASE_READ_URL": addresses.read_url,
    }

    def manage(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=REPOSITORY,
            env=environment,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "is ready" in manage("prepare_database")
    org = "00000000-0000-0000-0000-0000000000dd"
    assert manage("create_api_key", "web", "--org", org, "--new-org").strip()
    assert elsewhere.run("read", "SELECT name FROM catalog_apikey") == [("web",)]
    assert elsewhere.run("read", "SELECT current_user") == [(f"shop_{SESSION}_read",)]


def _assert_usable(elsewhere: Elsewhere) -> None:
    elsewhere.run("app", "INSERT INTO shelf (name) VALUES ('top')")
    assert elsewhere.run("read", "SELECT name FROM shelf") == [("top",)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        elsewhere.run("read", "DELETE FROM shelf")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        elsewhere.run("app", "DROP TABLE shelf")


def _with(addresses: Addresses, **changes: str) -> Addresses:
    return Addresses(**{**vars(addresses), **changes})


def _superuser(name: str) -> Connection:
    return postgres.connect(places.postgres(), database=name)


def _name(connection: Connection, statement: str, *names: str) -> None:
    identifiers = [sql.Identifier(name) for name in names]
    connection.execute(sql.SQL(statement).format(*identifiers))


def _run(connection: Connection, statement: str) -> list[tuple[object, ...]]:
    cursor = connection.execute(statement)
    return cursor.fetchall() if cursor.description else []
