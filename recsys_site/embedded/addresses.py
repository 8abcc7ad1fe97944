"""Where the database and the broker answer. Reads the environment, starts nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import quote

from . import places

DATABASE = "recsys"
OWNER_ROLE = "recsys_owner"
APP_ROLE = "recsys_app"
READ_ROLE = "recsys_read"


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """The databases as libpq URIs, one per role; the broker for Celery and redis-py."""

    database_url: str
    owner_url: str
    read_url: str
    redis_url: str
    cache_url: str
    postgres_embedded: bool
    redis_embedded: bool


def addresses() -> Addresses:
    """Return the configured addresses; what is not configured is embedded."""
    database_url = os.environ.get("DATABASE_URL") or ""
    redis_url = os.environ.get("REDIS_URL") or ""
    socket = places.valkey_socket()
    return Addresses(
        database_url=database_url or embedded_url(role=APP_ROLE),
        owner_url=_database_url("DATABASE_OWNER_URL", role=OWNER_ROLE),
        read_url=_database_url("DATABASE_READ_URL", role=READ_ROLE),
        redis_url=redis_url or f"redis+socket://{quote(str(socket))}?virtual_host=0",
        cache_url=redis_url or f"unix://{quote(str(socket))}?db=0",
        postgres_embedded=not database_url,
        redis_embedded=not redis_url,
    )


def embedded_url(*, role: str, database: str = DATABASE) -> str:
    sockets = quote(str(places.postgres().sockets), safe="")
    return f"postgresql://{role}@/{database}?host={sockets}"


def _database_url(variable: str, *, role: str) -> str:
    database_url = os.environ.get("DATABASE_URL")
    if not database_url:
        return embedded_url(role=role)
    return os.environ.get(variable) or database_url
