"""A port that is taken is named before anything long is done."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from recsys_site.launch import ports
from tests.support.own_state import OwnState


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOST", "PORT", "SERVE_PORT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_only_this_machine_may_connect_unless_host_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert ports.host() == "127.0.0.1"
    monkeypatch.setenv("HOST", "0.0.0.0")
    assert ports.host() == "0.0.0.0"


@pytest.mark.parametrize("variable", ["PORT", "SERVE_PORT"])
def test_the_sentence_names_port_and_variable(
    variable: str, taken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "0")
    monkeypatch.setenv("SERVE_PORT", "00")
    monkeypatch.setattr(ports, "misspelt", lambda: "")
    monkeypatch.setenv(variable, str(taken_port))
    assert f"port {taken_port}: it is in use" in ports.problem()
    assert f"make run {variable}=" in ports.problem()


def test_both_ports_are_named_at_once_and_free_ones_proposed(
    taken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as other, socket.socket() as near:
        other.bind(("127.0.0.1", 0))
        other.listen()
        second = other.getsockname()[1]
        near.bind(("127.0.0.1", taken_port + 10))
        near.listen()
        monkeypatch.setenv("PORT", str(taken_port))
        monkeypatch.setenv("SERVE_PORT", str(second))

        words = ports.problem()

    assert f"port {taken_port}: it is in use" in words
    assert f"port {second}: it is in use" in words
    assert f"make run PORT={taken_port + 20} SERVE_PORT=" in words


def test_words_and_twins_are_no_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "http")
    assert ports.problem() == "PORT must be a number, not 'http'."
    monkeypatch.setenv("PORT", "8001")
    assert "must differ" in ports.problem()


def test_the_launcher_stops_there(own_state: OwnState, taken_port: int) -> None:
    launcher = own_state.begin(
        *("-m", "recsys_site.launch"), environment={"PORT": str(taken_port)}
    )
    began = time.monotonic()
    output, _ = launcher.communicate(timeout=30)
    assert launcher.returncode == 1
    assert f"port {taken_port}: it is in use" in output
    assert time.monotonic() - began < 15
    assert not (own_state.directory / "pg18").exists()
