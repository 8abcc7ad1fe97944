"""What `make run` prints can be followed word by word."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

import pytest

from recsys_site.launch import logs, welcome
from recsys_site.launch.addresses import Listening, open_deliberately

HERE = Listening(host="127.0.0.1", port=8000, serve_port=8001)


def _calls(text: str) -> list[list[str]]:
    starts = (line.find("curl ") for line in text.splitlines())
    lines = zip(text.splitlines(), starts, strict=True)
    return [shlex.split(line[start:]) for line, start in lines if start >= 0]


def test_three_calls_can_be_pasted_into_a_shell(tmp_path: Path) -> None:
    recommend, click, similar = _calls(welcome.text(HERE, state=tmp_path))
    assert recommend[1] == "http://localhost:8000/v1/recommendations"
    assert json.loads(recommend[-1])["namespace"] == "demo"
    assert click[1].endswith("/v1/events:batch")
    assert json.loads(click[-1])["events"][0]["type"] == "click"
    assert similar[1].endswith("/v1/items/item_0001/similar?namespace=demo&k=5")
    for call in (recommend, click, similar):
        assert "X-Org-ID: 00000000-0000-0000-0000-000000000001" in call


def test_logins_are_those_that_were_made(tmp_path: Path) -> None:
    logins = {"ana": {"password": "secret-1", "role": "admin"}}
    (tmp_path / "credentials.json").write_text(json.dumps(logins))
    assert "ana  secret-1   admin" in welcome.text(HERE, state=tmp_path)


def test_calls_carry_a_key_where_authentication_is_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_AUTH", "on")
    assert "X-API-Key: $KEY" in welcome.text(HERE, state=tmp_path)


def test_host_turns_authentication_on_and_names_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("RECSYS_AUTH", "ALLOWED_HOSTS"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    open_deliberately()
    assert "RECSYS_AUTH" not in os.environ
    monkeypatch.setenv("HOST", "0.0.0.0")
    open_deliberately()
    assert os.environ["RECSYS_AUTH"] == "on"
    assert {"localhost", "127.0.0.1"} <= set(os.environ["ALLOWED_HOSTS"].split())


def test_a_start_keeps_the_logs_of_the_last_three(tmp_path: Path) -> None:
    log = tmp_path / "desk.log"
    for start in range(5):
        log.write_text(str(start))
        logs.rotate(log)
    kept = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert kept == {"desk.log.1": "4", "desk.log.2": "3", "desk.log.3": "2"}
