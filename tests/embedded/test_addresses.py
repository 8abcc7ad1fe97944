"""Addresses come from the environment, and asking for them starts nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from recsys_site import embedded
from recsys_site.embedded import account, places
from recsys_site.embedded.state import REPOSITORY
from tests.support.own_state import OwnState


@pytest.fixture(autouse=True)
def outside_tests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PYTEST_VERSION")
    monkeypatch.setenv("RECSYS_STATE_DIR", str(tmp_path / "state"))
    for name in (
        "DATABASE_URL",
        "DATABASE_OWNER_URL",
        "DATABASE_READ_URL",
        "REDIS_URL",
    ):
        monkeypatch.delenv(name, raising=False)


def test_without_configuration_everything_is_embedded_with_three_roles() -> None:
    found = embedded.addresses()
    assert found.postgres_embedded
    assert found.redis_embedded
    urls = (found.database_url, found.owner_url, found.read_url)
    parts = [conninfo_to_dict(url) for url in urls]
    roles = [part["user"] for part in parts]
    assert roles == ["recsys_app", "recsys_owner", "recsys_read"]
    assert {part["host"] for part in parts} == {str(places.postgres().sockets)}


def test_a_configured_database_serves_every_role_that_is_not_configured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@db/shop")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://owner@db/shop")
    found = embedded.addresses()
    assert not found.postgres_embedded
    assert found.database_url == found.read_url == "postgresql://app@db/shop"
    assert found.owner_url == "postgresql://owner@db/shop"
    assert found.redis_embedded


def test_a_configured_redis_is_broker_and_cache(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://cache:6379/0")
    found = embedded.addresses()
    assert found.redis_url == found.cache_url == "redis://cache:6379/0"
    assert not found.redis_embedded


def test_a_test_run_has_other_places_than_the_shop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = (places.postgres(), places.valkey(), embedded.state_directory())
    monkeypatch.setenv("PYTEST_VERSION", "any")
    tests = (places.postgres(), places.valkey(), embedded.state_directory())
    assert not set(shop) & set(tests)
    assert places.postgres().throwaway


def test_a_path_too_long_for_a_socket_is_replaced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RECSYS_STATE_DIR", str(tmp_path / ("long" * 30)))
    sockets = places.postgres().sockets
    assert len(str(sockets / ".s.PGSQL.5432.lock")) < 100
    assert sockets.parent == Path("/tmp")


def test_a_socket_directory_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    open_to_all = tmp_path / "sockets"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    with pytest.raises(embedded.ServerError, match="does not belong"):
        account.give_directory(open_to_all)


def test_importing_settings_starts_nothing(own_state: OwnState) -> None:
    code = "import recsys_site.settings as s; print(s.ADDRESSES.database_url)"
    assert "recsys_app" in own_state.run(code)
    assert not own_state.servers("postgres")
    assert not (own_state.directory / "pg18").exists()


def test_what_an_address_says_of_the_connection_is_obeyed(own_state: OwnState) -> None:
    code = (
        "import recsys_site.settings as s; found = s.DATABASES['default'];"
        "print(found['HOST'], found['OPTIONS'])"
    )
    url = "postgresql://app@db/shop?sslmode=verify-full&connect_timeout=7"

    said = own_state.run(code, DATABASE_URL=url)

    assert said.startswith("db ")
    assert "'sslmode': 'verify-full'" in said
    assert "'connect_timeout': '7'" in said
    assert "'tcp_user_timeout': 5000" in said


def test_the_launch_package_needs_no_installed_package() -> None:
    command = [sys.executable, "-S", "-c", "import recsys_site.launch.install"]
    subprocess.run(command, check=True, cwd=REPOSITORY)
