"""Servers that somebody else runs: whether they are fit, and our roles' rights in them.

The embedded database is made by a superuser of our own. In a configured one the owner
of the tables does what it may: it creates the extensions and gives the other two roles
their rights. Whatever else is missing is named, all of it at once, with the statement
that helps; nothing is half done then, for migrations come later.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import psycopg
import redis
from redis.exceptions import RedisError

from .addresses import Addresses
from .databases import Connection, Roles
from .failure import ServerError
from .rights import missing_extensions, missing_rights

_OLDEST_POSTGRES = 16
_OLDEST_REDIS = 7
_SECONDS = 5


def prepare_configured(addresses: Addresses) -> None:
    """Make the configured servers ready for the migrations.

    Raises
    ------
    ServerError
        Naming all that is missing.
    """
    problems: list[str] = []
    if not addresses.redis_embedded:
        problems += _redis(addresses.cache_url)
    if not addresses.postgres_embedded:
        problems += _postgres(addresses)
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise ServerError(f"The configured servers are not ready:\n{listed}")


def _redis(url: str) -> Iterator[str]:
    if not url.startswith(("redis://", "rediss://")):
        yield f"REDIS_URL must begin with redis:// or rediss://, not {url!r}."
        return
    client = redis.Redis.from_url(
        url, socket_connect_timeout=_SECONDS, socket_timeout=_SECONDS
    )
    try:
        with closing(client):
            about: Any = client.info("server")
            version = str(about["redis_version"])
    except (RedisError, OSError) as error:
        yield f"REDIS_URL cannot be reached: {error}"
        return
    if int(version.partition(".")[0]) < _OLDEST_REDIS:
        yield f"REDIS_URL is Redis {version}; {_OLDEST_REDIS} or newer is needed."


def _postgres(addresses: Addresses) -> Iterator[str]:
    urls = (addresses.owner_url, addresses.database_url, addresses.read_url)
    variables = {
        # The others mean this one where they are not set.
        addresses.read_url: "DATABASE_READ_URL",
        addresses.owner_url: "DATABASE_OWNER_URL",
        addresses.database_url: "DATABASE_URL",
    }
    with ExitStack() as stack:
        found: dict[str, Connection] = {}
        for url, variable in variables.items():
            try:
                connection = psycopg.connect(
                    url, autocommit=True, connect_timeout=_SECONDS
                )
            except psycopg.Error as error:
                yield f"{variable} cannot be reached: {_first_line(error)}"
            else:
                found[url] = stack.enter_context(closing(connection))
        if len(found) == len(variables):
            yield from _fitness(*(found[url] for url in urls))


def _fitness(owner: Connection, app: Connection, read: Connection) -> Iterator[str]:
    version = owner.info.server_version // 10_000
    if version < _OLDEST_POSTGRES:
        yield f"This is PostgreSQL {version}; {_OLDEST_POSTGRES} or newer is needed."
    elif len({_identity(each) for each in (owner, app, read)}) > 1:
        yield (
            "DATABASE_URL, DATABASE_OWNER_URL and DATABASE_READ_URL lead to different"
            " databases; they must be one, as three roles."
        )
    else:
        names = [each.info.user for each in (owner, app, read)]
        roles = Roles(owner=names[0], app=names[1], read=names[2])
        yield from missing_extensions(owner)
        yield from missing_rights(owner, roles=roles)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _identity(connection: Connection) -> object:
    asked = connection.execute("SELECT current_database(), pg_postmaster_start_time()")
    return asked.fetchone()
