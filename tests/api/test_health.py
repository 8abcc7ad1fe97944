"""What load balancers, dashboards and old clients ask without an org."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import OperationalError, connections
from django.test import Client

from catalog.postgresql import pulse
from recsys_site import health
from recsys_site.launch import condition

pytestmark = pytest.mark.django_db


def test_health_is_compact_json_that_names_each_dependency(client: Client) -> None:
    answer = client.get("/health")

    assert answer.status_code == 200
    assert answer.content.startswith(b'{"status":"ok"')
    assert set(answer.json()["dependencies"]) >= {"database", "cache", "files"}


def test_a_lost_cache_is_degraded_and_still_200(
    client: Client, settings: LazySettings
) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nowhere.sock",
        }
    }

    answer = client.get("/health")

    assert answer.status_code == 200
    assert answer.content.startswith(b'{"status":"degraded"')
    assert answer.json()["dependencies"]["cache"] == {"status": "failed"}


def test_a_cache_that_says_nothing_is_not_waited_for(
    client: Client, settings: LazySettings, tmp_path: Path
) -> None:
    address = str(tmp_path / "socket")
    cache = {**settings.CACHES["default"], "LOCATION": f"unix://{address}"}
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(address)
        silent.listen()
        settings.CACHES = {"default": cache}
        started = time.monotonic()

        answer = client.get("/health")

    assert answer.json()["dependencies"]["cache"] == {"status": "failed"}
    assert time.monotonic() - started < 3


def test_processes_that_do_not_stay_up_are_named(client: Client) -> None:
    assert "processes" not in client.get("/health").json()["dependencies"]
    try:
        condition.tell({})
        whole = client.get("/health").json()
        condition.tell({"worker": "died 5 times soon after its start (exit code 3)"})
        degraded = client.get("/health").json()
    finally:
        condition.forget()

    assert whole["dependencies"]["processes"] == {"status": "ok"}
    assert degraded["status"] == "degraded"
    failing = degraded["dependencies"]["processes"]["failing"]
    assert "exit code 3" in failing["worker"]


@pytest.mark.parametrize("alias", ["default", "owner", "read"])
def test_a_database_host_that_vanishes_is_given_up_within_seconds(alias: str) -> None:
    parameters = connections[alias].get_connection_params()

    assert parameters["connect_timeout"] <= 5
    assert parameters["tcp_user_timeout"] <= 10_000


def test_a_lost_database_is_not_ready(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost() -> None:
        raise OperationalError

    monkeypatch.setattr(health, "_ask_database", lost)

    assert client.get("/readyz").status_code == 503
    assert client.get("/livez").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_staff_are_told_that_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "x" * 32

    with monkeypatch.context() as patch:
        patch.setattr(pulse, "_is_away", True)
        answer = client.get("/admin/")
    # It was given up; servers look after that between two requests.
    connections["default"].close()

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert b"The database does not answer" in answer.content


def test_the_version_is_told(client: Client) -> None:
    assert client.get("/version").json()["version"]


def test_metrics_are_served(client: Client) -> None:
    assert b"django_http_requests" in client.get("/metrics").content


def test_the_request_id_is_the_clients_or_a_new_one(client: Client) -> None:
    def told(sent: str) -> str:
        headers = {"X-Request-Id": sent}
        return str(client.get("/livez", headers=headers).headers["X-Request-Id"])

    assert told("abc-1") == "abc-1"
    assert told("x" * 128) == "x" * 128
    for strange in ("", "x" * 129, "a\tb", "ä"):
        assert told(strange) not in ("", strange)


def test_requests_are_counted_by_what_came_of_them(client: Client) -> None:
    client.generic("BREW", "/v1/recommendations")

    told = client.get("/metrics").content.decode()

    line = 'recsys_api_requests_total{method="other",status="405",view='
    assert line + '"RecommendationsView"}' in told
