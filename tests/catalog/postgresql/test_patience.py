"""A statement waits for PostgreSQL as long as PostgreSQL lives, and no longer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress

import psycopg
import pytest
from django.db import OperationalError, connections

from catalog.postgresql import pulse
from catalog.postgresql.connection import GivenUpError, PatientConnection, at_most
from catalog.postgresql.target import target
from recsys_site.embedded.processes import wait_until
from tests.support.proxy import Proxy

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_to_be_there")]


@pytest.fixture
def known_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "_is_away", False)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    proxy = Proxy(connections["default"].settings_dict)
    yield proxy
    proxy.close()


@pytest.fixture
def connection(proxy: Proxy) -> Iterator[PatientConnection]:
    with closing(_connect(proxy)) as connection:
        yield connection


@pytest.fixture
def felt(proxy: Proxy) -> Iterator[None]:
    """Have the pulse felt through the proxy while the test runs."""

    address = target() | {"host": "127.0.0.1", "port": proxy.port}
    own = psycopg.connect(**address, autocommit=True)

    def feel() -> None:
        with closing(own), suppress(psycopg.Error):
            pulse.feel(own)

    thread = threading.Thread(target=feel)
    thread.start()
    yield
    proxy.thaw()
    proxy.cut()
    pulse.doubt()
    thread.join(timeout=10)
    assert not thread.is_alive()


def _connect(proxy: Proxy) -> PatientConnection:
    address = target() | {"host": "127.0.0.1", "port": proxy.port}
    return PatientConnection.connect(**address, autocommit=True)


def test_django_s_own_connections_are_such() -> None:
    connections["default"].ensure_connection()

    assert isinstance(connections["default"].connection, PatientConnection)


def test_a_long_statement_is_waited_for_while_the_server_lives(
    connection: PatientConnection, felt: None
) -> None:
    seconds = 3 * pulse.SILENCE_SECONDS

    found = connection.execute("SELECT pg_sleep(%s), 7", [seconds]).fetchone()

    assert found == ("", 7)


def test_a_statement_that_nobody_answers_any_more_is_given_up(
    connection: PatientConnection, proxy: Proxy, felt: None
) -> None:
    connection.execute("SELECT 1")
    proxy.freeze()

    with pytest.raises(GivenUpError):
        connection.execute("SELECT 1")

    assert pulse.is_away()
    assert connection.closed


def test_none_is_begun_until_an_answer_comes(
    connection: PatientConnection, proxy: Proxy, felt: None
) -> None:
    proxy.freeze()
    pulse.doubt()
    assert wait_until(pulse.is_away, seconds=10)
    started = time.monotonic()
    with pytest.raises(GivenUpError):
        connection.execute("SELECT 1")
    with pytest.raises(GivenUpError):
        _connect(proxy)
    assert time.monotonic() - started < pulse.SILENCE_SECONDS

    proxy.thaw()

    assert wait_until(lambda: not pulse.is_away(), seconds=10)
    with closing(_connect(proxy)) as fresh:
        assert fresh.execute("SELECT 7").fetchone() == (7,)


def test_a_connection_is_not_waited_for_either(proxy: Proxy, felt: None) -> None:
    proxy.freeze()

    with pytest.raises(GivenUpError):
        _connect(proxy)


def test_an_errand_may_have_less_time(connection: PatientConnection) -> None:
    with pytest.raises(GivenUpError, match="in time"), at_most(0.05):
        connection.execute("SELECT pg_sleep(5)")

    assert connection.closed


def test_only_a_server_that_answers_nobody_is_away(proxy: Proxy) -> None:
    proxy.cut()
    reached = target() | {"host": "127.0.0.1", "port": proxy.port}
    with pytest.raises(psycopg.OperationalError) as dead:
        psycopg.connect(**reached)
    with pytest.raises(psycopg.OperationalError) as closed_to_us:
        psycopg.connect(**target() | {"dbname": "no such database"})

    assert pulse.gives_no_answers(dead.value)
    assert not pulse.gives_no_answers(closed_to_us.value)


def test_rows_are_copied_through_such_a_connection(
    connection: PatientConnection,
) -> None:
    connection.execute("CREATE TEMPORARY TABLE incoming (id int)")
    with connection.cursor().copy("COPY incoming FROM STDIN") as copy:
        for number in range(10_000):
            copy.write_row([number])

    assert connection.execute("SELECT count(*) FROM incoming").fetchone() == (10_000,)


def test_django_says_that_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(connections["default"].copy()) as other:
        monkeypatch.setattr(pulse, "_is_away", True)

        with pytest.raises(OperationalError, match="does not answer"):
            other.ensure_connection()
