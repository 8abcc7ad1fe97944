"""A migrated, empty database that test databases are copied from.

Migrating takes seconds, copying a tenth of one. The template's name carries a digest of
every migration, so whoever changes one gets a new template and nobody waits twice.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import connections
from filelock import FileLock
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from recsys_site import embedded
from recsys_site.embedded import databases, places, postgres, state
from recsys_site.embedded.addresses import (
    APP_ROLE,
    OWNER_ROLE,
    READ_ROLE,
    embedded_url,
)
from recsys_site.embedded.databases import Connection, Roles

_TEMPLATE = "recsys_template_"


def create_database(name: str) -> None:
    """Create a database from the template, making the template first if need be."""
    with template_lock(), closing(server()) as connection:
        template = _TEMPLATE + _digest()
        if not _exists(connection, name=template):
            _build(connection, name=template)
        drop_database(connection, name=name)
        statement = "CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY"
        _execute(connection, statement, name, template, roles().owner)
        _execute(connection, "GRANT TEMPORARY ON DATABASE {} TO {}", name, roles().app)


def drop_database(connection: Connection, *, name: str) -> None:
    _execute(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def forget_templates() -> None:
    with template_lock(), closing(server()) as connection:
        _drop_templates(connection)


def server() -> Connection:
    """Connect to the test server as somebody who may create databases."""
    found = embedded.addresses()
    if found.postgres_embedded:
        return postgres.connect(places.postgres())
    return psycopg.connect(found.owner_url, autocommit=True)


def roles() -> Roles:
    found = embedded.addresses()
    if found.postgres_embedded:
        return Roles()
    urls = (found.owner_url, found.database_url, found.read_url)
    owner, app, read = (str(conninfo_to_dict(url).get("user")) for url in urls)
    return Roles(owner=owner, app=app, read=read)


def url(
    role: Literal["database_url", "owner_url", "read_url"], *, database: str
) -> str:
    """Return the configured address of a role, for another database."""
    found = embedded.addresses()
    if found.postgres_embedded:
        names = {
            "database_url": APP_ROLE,
            "owner_url": OWNER_ROLE,
            "read_url": READ_ROLE,
        }
        return embedded_url(role=names[role], database=database)
    return make_conninfo(getattr(found, role), dbname=database)


def point_django_at(name: str) -> None:
    """Have every alias mean this database, each with the role it has in production."""
    for alias in connections:
        connection = connections[alias]
        connection.close()
        connection.settings_dict["NAME"] = name
        if alias != "default":
            # Emptied through `default`, whose tables they are too.
            connection.settings_dict["TEST"]["MIRROR"] = "default"


@contextmanager
def template_lock() -> Iterator[None]:
    with FileLock(state.test_directory() / "template.lock"):
        yield


def _digest() -> str:
    digest = hashlib.sha256(databases.recipe().encode())
    for config in sorted(apps.get_app_configs(), key=lambda config: config.label):
        for path in sorted((Path(config.path) / "migrations").rglob("*.*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(config.label.encode() + path.name.encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _build(connection: Connection, *, name: str) -> None:
    """Migrate under another name, which is changed when nothing can fail any more."""
    _drop_templates(connection)
    unfinished = f"{_TEMPLATE}unfinished"
    databases.create_roles(connection, roles=roles())
    databases.create_database(connection, name=unfinished, roles=roles())
    with closing(_connect_as_superuser(unfinished)) as inside:
        databases.prepare(inside, roles=roles(), for_tests=True)
    point_django_at(unfinished)
    with warnings.catch_warnings():
        # Other people's migrations may use what Django will remove.
        warnings.simplefilter("ignore")
        call_command("migrate", database="owner", verbosity=0, interactive=False)
    connections.close_all()
    _execute(connection, "ALTER DATABASE {} RENAME TO {}", unfinished, name)


def _connect_as_superuser(name: str) -> Connection:
    found = embedded.addresses()
    if found.postgres_embedded:
        return postgres.connect(places.postgres(), database=name)
    return psycopg.connect(make_conninfo(found.owner_url, dbname=name), autocommit=True)


def _drop_templates(connection: Connection) -> None:
    found = connection.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [_TEMPLATE]
    )
    for (name,) in found.fetchall():
        drop_database(connection, name=str(name))


def _exists(connection: Connection, *, name: str) -> bool:
    found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [name])
    return found.fetchone() is not None


def _execute(connection: Connection, statement: str, *names: str) -> None:
    identifiers = [sql.Identifier(name) for name in names]
    connection.execute(sql.SQL(statement).format(*identifiers))
