"""The three roles and what each may do in a database, embedded or configured."""

from __future__ import annotations

import hashlib
import inspect
import sys
from dataclasses import dataclass

import psycopg
from psycopg import sql

from .addresses import APP_ROLE, OWNER_ROLE, READ_ROLE

type Connection = psycopg.Connection[tuple[object, ...]]

EXTENSIONS = ("vector", "pg_trgm", "btree_gin")


@dataclass(frozen=True, kw_only=True)
class Roles:
    owner: str = OWNER_ROLE
    app: str = APP_ROLE
    read: str = READ_ROLE


# What the owner makes from now on, the others may use. It takes the owner to say so.
ON_NEW_TABLES = (
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner}"
    " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner}"
    " GRANT USAGE, SELECT ON SEQUENCES TO {app}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT EXECUTE ON FUNCTIONS TO {app}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT ON TABLES TO {read}",
)
_IN_EVERY_DATABASE = (
    "GRANT USAGE, CREATE ON SCHEMA public TO {owner}",
    "GRANT USAGE ON SCHEMA public TO {app}, {read}",
    # Bulk writes go through temporary tables.
    "GRANT TEMPORARY ON DATABASE {database} TO {app}",
    *ON_NEW_TABLES,
)
# Django empties the tables after a test with real transactions.
_IN_TEST_DATABASES = (
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT TRUNCATE ON TABLES TO {app}",
)


def create_roles(connection: Connection, *, roles: Roles) -> None:
    """Create what is missing of the roles, none with power over row-level security."""
    for role in (roles.owner, roles.app, roles.read):
        known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role])
        if known.fetchone() is None:
            _execute(
                connection,
                "CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS",
                role=role,
            )


def create_database(connection: Connection, *, name: str, roles: Roles) -> None:
    found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [name])
    if found.fetchone() is None:
        _execute(
            connection,
            "CREATE DATABASE {name} OWNER {owner} TEMPLATE template0 ENCODING 'UTF8'",
            name=name,
            owner=roles.owner,
        )


def prepare(connection: Connection, *, roles: Roles, for_tests: bool) -> None:
    """Give the roles their rights in the connection's database; safe to repeat."""
    for extension in EXTENSIONS:
        _execute(connection, "CREATE EXTENSION IF NOT EXISTS {name}", name=extension)
    statements = _IN_EVERY_DATABASE + (_IN_TEST_DATABASES if for_tests else ())
    for statement in statements:
        execute(connection, statement, roles=roles)
    comment = sql.SQL("COMMENT ON DATABASE {} IS {}").format(
        sql.Identifier(connection.info.dbname), sql.Literal(recipe())
    )
    connection.execute(comment)


def execute(connection: Connection, statement: str, *, roles: Roles) -> None:
    """Run a statement that names roles and the connection's database."""
    _execute(
        connection,
        statement,
        database=connection.info.dbname,
        owner=roles.owner,
        app=roles.app,
        read=roles.read,
    )


def recipe() -> str:
    """Return a digest of this module, which `prepare` writes on the database."""
    return hashlib.sha256(inspect.getsource(sys.modules[__name__]).encode()).hexdigest()


def is_prepared(connection: Connection, *, name: str) -> bool:
    described = connection.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        " WHERE datname = %s",
        [name],
    )
    return described.fetchone() == (recipe(),)


def _execute(connection: Connection, statement: str, **names: str) -> None:
    identifiers = {key: sql.Identifier(name) for key, name in names.items()}
    connection.execute(sql.SQL(statement).format(**identifiers))
