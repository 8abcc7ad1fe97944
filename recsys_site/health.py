"""Whether the platform lives, is ready, and what each of its dependencies says."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views import View
from redis.exceptions import RedisError

from audit import spool
from recsys_site.launch import condition

log = structlog.get_logger(__name__)


class Live(View):
    """Answers as long as the process does."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return _answer({"status": "ok"})


class Ready(View):
    """Answers 200 once requests can be answered, for load balancers and deploys."""

    def get(self, request: HttpRequest) -> HttpResponse:
        database = _checked(_ask_database)
        ready = database["status"] == "ok"
        body = {"status": "ok" if ready else "unavailable", "database": database}
        return _answer(body, status=200 if ready else 503)


class Health(View):
    """Names each dependency. Degraded is still 200: requests are answered."""

    def get(self, request: HttpRequest) -> HttpResponse:
        dependencies = {
            "database": _checked(_ask_database),
            "cache": _checked(_ask_cache),
            "files": _checked(_ask_files),
            "decisions": _decisions(),
            **_processes(),
        }
        failed = [
            name for name, found in dependencies.items() if found["status"] != "ok"
        ]
        status = "degraded" if failed else "ok"
        return _answer({"status": status, "dependencies": dependencies})


class Version(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return _answer(
            {
                "version": settings.VERSION,
                "git_commit": settings.GIT_COMMIT,
                "process": settings.PROCESS,
            }
        )


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_cache() -> None:
    cache.get("health")


def _ask_files() -> None:
    settings.FILES_ROOT.mkdir(parents=True, exist_ok=True)
    probe = settings.FILES_ROOT / ".health"
    probe.write_bytes(b"")


def _decisions() -> dict[str, Any]:
    """Say whether answered decisions are kept, and whether they arrive."""
    condition = spool.state()
    return {
        "status": condition.problem or "ok",
        "waiting_bytes": condition.n_bytes,
        "oldest_seconds": round(condition.oldest_seconds, 1),
        "dropped": condition.dropped,
    }


def _processes() -> dict[str, Any]:
    """Say which processes do not stay up, where a launcher keeps them running."""
    failing = condition.told()
    if failing is None:
        return {}
    if failing:
        return {"processes": {"status": "failed", "failing": failing}}
    return {"processes": {"status": "ok"}}


def _checked(ask: Callable[[], None]) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        ask()
    except (DatabaseError, RedisError, OSError) as error:
        log.warning("dependency_failed", check=ask.__name__, exc_info=error)
        return {"status": "failed"}
    return {"status": "ok", "ms": round((time.perf_counter() - started) * 1000, 2)}


def _answer(body: dict[str, Any], *, status: int = 200) -> HttpResponse:
    response = HttpResponse(
        msgspec.json.encode(body), status=status, content_type="application/json"
    )
    response["Cache-Control"] = "no-store"
    return response
