"""What the roles of a configured database may do, and what they need.

The owner is asked to help itself first. What it may not do is returned as the
statement that somebody with more power has to run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import errors, sql

from .databases import EXTENSIONS, ON_NEW_TABLES, Connection, Roles, execute

_OLDEST_PGVECTOR = (0, 8)


@dataclass(frozen=True, kw_only=True)
class _Right:
    """A right that a role needs: how to ask for it and how to give it."""

    question: str
    statement: str


_OF_THE_OWNER = (
    _Right(
        question="SELECT has_schema_privilege(%(owner)s, 'public', 'CREATE')",
        statement="GRANT USAGE, CREATE ON SCHEMA public TO {owner}",
    ),
)
_OF_THE_OTHERS = (
    _Right(
        question="SELECT has_schema_privilege(%(app)s, 'public', 'USAGE')",
        statement="GRANT USAGE ON SCHEMA public TO {app}",
    ),
    _Right(
        question="SELECT has_schema_privilege(%(read)s, 'public', 'USAGE')",
        statement="GRANT USAGE ON SCHEMA public TO {read}",
    ),
    _Right(
        question="SELECT has_database_privilege(%(app)s, %(database)s, 'TEMPORARY')",
        statement="GRANT TEMPORARY ON DATABASE {database} TO {app}",
    ),
)
_FOREIGN_TABLES = """
SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relname = 'django_migrations'
    AND NOT pg_has_role(relowner, 'USAGE')
"""
# Made before the others had rights on what the owner makes.
_CLOSED_TABLES = """
SELECT relname, relkind FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S')
    AND pg_has_role(relowner, 'USAGE')
    AND NOT CASE relkind
        WHEN 'S' THEN has_sequence_privilege(%(app)s, oid, 'USAGE')
        ELSE has_table_privilege(%(app)s, oid, 'SELECT')
            AND has_table_privilege(%(read)s, oid, 'SELECT') END
ORDER BY relname
"""


def missing_extensions(owner: Connection) -> Iterator[str]:
    """Create the extensions; yield why that cannot be, in sentences."""
    refused = []
    for name in EXTENSIONS:
        statement = sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(
            sql.Identifier(name)
        )
        try:
            owner.execute(statement)
        except errors.InsufficientPrivilege:
            refused.append(f"CREATE EXTENSION {name};")
        except psycopg.Error as error:
            yield f"The extension {name} cannot be created: {_first_line(error)}."
    if refused:
        yield _for_a_superuser(owner, " ".join(refused))
    asked = owner.execute("SELECT extversion FROM pg_extension WHERE extname='vector'")
    if (found := asked.fetchone()) and _version(str(found[0])) < _OLDEST_PGVECTOR:
        needed = ".".join(map(str, _OLDEST_PGVECTOR))
        yield (
            f"pgvector is {found[0]}; {needed} or newer is needed: install it and run"
            f" ALTER EXTENSION vector UPDATE in {owner.info.dbname}."
        )


def missing_rights(owner: Connection, *, roles: Roles) -> Iterator[str]:
    """Give the roles their rights; yield what only somebody else can give."""
    for (other,) in owner.execute(_FOREIGN_TABLES).fetchall():
        yield (
            f"The tables belong to {other}, so {roles.owner} cannot change them. Let"
            f" DATABASE_OWNER_URL be {other}, or run as a superuser:"
            f" REASSIGN OWNED BY {other} TO {roles.owner};"
        )
        return
    are_apart = {roles.app, roles.read} != {roles.owner}
    needed = _OF_THE_OWNER + (_OF_THE_OTHERS if are_apart else ())
    refused = [right for right in needed if not _given(owner, right, roles=roles)]
    if refused:
        statements = [_text(owner, right.statement, roles=roles) for right in refused]
        yield _for_a_superuser(owner, " ".join(statements))
    if are_apart:
        for statement in ON_NEW_TABLES:
            execute(owner, statement, roles=roles)
        _open_tables(owner, roles=roles)


def _given(owner: Connection, right: _Right, *, roles: Roles) -> bool:
    if _has(owner, right, roles=roles):
        return True
    try:
        execute(owner, right.statement, roles=roles)
    except errors.InsufficientPrivilege:
        return False
    # PostgreSQL only warns where it gave less than was asked for.
    return _has(owner, right, roles=roles)


def _has(owner: Connection, right: _Right, *, roles: Roles) -> bool:
    asked = owner.execute(right.question, _names(owner, roles=roles))
    return asked.fetchone() == (True,)


def _names(owner: Connection, *, roles: Roles) -> dict[str, str]:
    return {
        "owner": roles.owner,
        "app": roles.app,
        "read": roles.read,
        "database": owner.info.dbname,
    }


def _open_tables(owner: Connection, *, roles: Roles) -> None:
    closed = owner.execute(_CLOSED_TABLES, _names(owner, roles=roles)).fetchall()
    for name, kind in closed:
        grants = (
            ("GRANT USAGE, SELECT ON SEQUENCE {name} TO {app}",)
            if kind == "S"
            else (
                "GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {app}",
                "GRANT SELECT ON {name} TO {read}",
            )
        )
        for grant in grants:
            owner.execute(
                sql.SQL(grant).format(
                    name=sql.Identifier(str(name)),
                    app=sql.Identifier(roles.app),
                    read=sql.Identifier(roles.read),
                )
            )


def _text(owner: Connection, statement: str, *, roles: Roles) -> str:
    names = {
        key: sql.Identifier(name) for key, name in _names(owner, roles=roles).items()
    }
    return sql.SQL(statement).format(**names).as_string(owner) + ";"


def _for_a_superuser(owner: Connection, statements: str) -> str:
    return (
        f"{owner.info.user} may not do this; have a superuser run it in the database"
        f" {owner.info.dbname}: {statements}"
    )


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:2])


def _first_line(error: psycopg.Error) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")
