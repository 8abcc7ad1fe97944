"""Several processes, crashes and leftovers: always one server, never a lost row."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pytest

from tests.support.own_state import OwnState

pytestmark = pytest.mark.processes

_WRITE = """
import psycopg
from recsys_site import embedded
with psycopg.connect(embedded.addresses().owner_url) as connection:
    connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
"""
_READ = """
import psycopg
from recsys_site import embedded
with psycopg.connect(embedded.addresses().read_url) as connection:
    print(connection.execute("SELECT answer FROM kept").fetchone())
"""


def test_many_that_start_at_once_get_one_server(own_state: OwnState) -> None:
    outputs = own_state.start_at_once(4)
    assert "".join(outputs).count("Starting PostgreSQL") == 1
    assert "".join(outputs).count("Starting Valkey") == 1
    assert len(own_state.servers("postgres")) == 1
    assert len(own_state.servers("valkey-server")) == 1


def test_what_was_committed_survives_kill_9_and_a_crowd(own_state: OwnState) -> None:
    own_state.start()
    own_state.run(_WRITE)
    for name in ("postgres", "valkey-server"):
        for server in own_state.servers(name):
            server.kill()
    own_state.start_at_once(3)
    assert len(own_state.servers("postgres")) == 1
    assert len(own_state.servers("valkey-server")) == 1
    assert own_state.run(_READ) == "(42,)\n"


@pytest.mark.prove
def test_stop_stops_both_and_start_starts_them_again(own_state: OwnState) -> None:
    own_state.start()
    own_state.run(_WRITE)
    own_state.run("from recsys_site import embedded; embedded.stop()")
    assert not own_state.left()
    own_state.start()
    assert own_state.run(_READ) == "(42,)\n"


def test_a_pid_that_now_belongs_to_another_program_is_no_server(
    own_state: OwnState,
) -> None:
    own_state.start()
    own_state.run("from recsys_site import embedded; embedded.stop()")
    pid_file = own_state.directory / "pg18" / "data" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n")
    own_state.start()
    assert len(own_state.servers("postgres")) == 1


@pytest.mark.prove
def test_an_interrupted_creation_is_begun_anew(own_state: OwnState) -> None:
    home = own_state.directory / "pg18"
    own_state.start()
    own_state.run("from recsys_site import embedded; embedded.stop()")
    (home / "data").rename(home / "data.tmp")
    (home / "data.tmp" / "PG_VERSION").unlink()
    own_state.start()
    assert len(own_state.servers("postgres")) == 1


def test_leashed_servers_end_with_their_starter_even_by_kill_9(
    own_state: OwnState,
) -> None:
    starter = own_state.begin(
        "-c",
        "import time; from recsys_site import embedded\n"
        "embedded.start(report=print, leashed=True); print('up', flush=True)\n"
        "time.sleep(60)",
    )
    assert starter.stdout
    while starter.stdout.readline() not in ("up\n", ""):
        pass
    assert own_state.servers("postgres")
    assert own_state.servers("valkey-server")
    starter.send_signal(signal.SIGKILL)
    starter.communicate()
    assert not own_state.left()


@pytest.mark.prove
def test_servers_run_on_when_their_starter_ends(own_state: OwnState) -> None:
    own_state.start()
    time.sleep(0.5)
    for name in ("postgres", "valkey-server"):
        (server,) = own_state.servers(name)
        assert server.status() != psutil.STATUS_ZOMBIE
        assert server.uids().real != 0
