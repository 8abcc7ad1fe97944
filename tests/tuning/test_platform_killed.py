"""A sweep on the whole platform, whose processes are killed while it works."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import msgspec
import psutil
import pytest

from recsys_site.embedded.processes import wait_until
from tests.support.launcher import Launcher

pytestmark = [pytest.mark.processes, pytest.mark.prove, pytest.mark.timeout(3600)]

DEMO_ORG = "00000000-0000-0000-0000-000000000001"
SPEC = {
    "parameters": [
        {"knob": "blend_alpha", "low": 0, "high": 1},
        {"knob": "mmr_lambda", "low": 0.3, "high": 1},
    ],
    "strategy": "gp",
    "batch": 5,
    "workers": 2,
    "evaluation": {
        "split": {"quantile": 0.6, "until_quantile": 0.75},
        "max_users": 100,
        "baselines": ["popularity"],
    },
}
OVER = ("finished", "failed", "cancelled")


def ask(launcher: Launcher, path: str, body: Any = None) -> Any:
    """Return an answer, None while there is none."""
    request = Request(
        f"{launcher.desk}{path}",
        data=None if body is None else msgspec.json.encode(body),
        headers={"X-Org-ID": DEMO_ORG, "Content-Type": "application/json"},
    )
    with suppress(URLError, OSError), urlopen(request, timeout=30) as answer:
        return msgspec.json.decode(answer.read())
    return None


def start(launcher: Launcher, budget: int) -> str:
    body = {"namespace": "demo", "spec": SPEC | {"budget": budget}}
    answer = ask(launcher, "/v1/admin/sweeps", body)
    return f"/v1/admin/sweeps/{answer['sweep_id']}"


def state(launcher: Launcher, path: str) -> str:
    answer = ask(launcher, path)
    return "" if answer is None else answer["state"]


def wait_for_end(launcher: Launcher, path: str) -> None:
    wait_until(lambda: state(launcher, path) in OVER, seconds=2400)
    found = ask(launcher, path)
    assert found is not None
    run = ask(launcher, f"/v1/admin/runs/{found['run_id']}")
    assert found["state"] == "finished", msgspec.json.encode(run).decode()


@pytest.mark.parametrize(("n_kills", "budget"), [(30, 300)])
def test_whatever_is_killed_a_sweep_finds_the_same(
    launcher: Launcher, n_kills: int, budget: int
) -> None:
    launcher.start()
    path = start(launcher, budget)
    rng = random.Random(n_kills)
    killed: dict[str, int] = {}
    while sum(killed.values()) < n_kills and state(launcher, path) not in OVER:
        time.sleep(rng.uniform(1, 6))
        strike(launcher, rng, killed)
    wait_for_end(launcher, path)
    again = start(launcher, budget)
    wait_for_end(launcher, again)

    ours, theirs = (ask(launcher, f"{each}/trials")["trials"] for each in (path, again))
    assert sum(killed.values()) > 0
    assert [each["number"] for each in ours] == list(range(budget))
    assert {each["state"] for each in ours} == {"done"}
    for one, other in zip(ours, theirs, strict=True):
        assert (one["values"], one["metrics"]) == (other["values"], other["metrics"])


def strike(launcher: Launcher, rng: random.Random, killed: dict[str, int]) -> None:
    """Kill -9 a worker's process, beat, the broker or the database."""
    ways: dict[str, Callable[[], list[psutil.Process]]] = {
        "worker": lambda: _family(launcher.child("worker")),
        "beat": lambda: [launcher.child("beat")],
        "valkey": partial(launcher.state.servers, "valkey-server"),
        "postgres": lambda: [
            each
            for server in launcher.state.servers("postgres")
            for each in _family(server)
        ],
    }
    (name,) = rng.choices([*ways], [6, 2, 2, 2])
    with suppress(psutil.NoSuchProcess, StopIteration, IndexError):
        for process in ways[name]():
            process.kill()
        killed[name] = killed.get(name, 0) + 1
    if name == "postgres":
        # Let it come back: a server that never answers proves less.
        time.sleep(5)


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]
