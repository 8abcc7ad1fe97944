"""The platform as users meet it: its processes are killed while it answers."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from urllib.request import urlopen
from uuid import UUID

import msgspec
import psutil
import pytest

from recsys_site.embedded.processes import wait_until
from tests.support.launcher import Launcher
from tests.support.load import ORG, Load, Reply, post

pytestmark = [pytest.mark.processes, pytest.mark.prove, pytest.mark.timeout(3600)]

log = logging.getLogger(__name__)

# What is stored, and whether it is as it was stored.
_TELL = """
import os, django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
django.setup()
from django.core.management import call_command
from audit.models import Decision
for decision_id in Decision.unscoped.values_list("decision_id", flat=True):
    print(decision_id)
call_command("verify_audit")
"""
_BETWEEN_KILLS = 25
_ITEMS = [{"item_id": f"i{n}", "title": f"Item {n}", "price": 10.0} for n in range(30)]


@pytest.mark.parametrize("n_kills", [60])
def test_whatever_is_killed_each_answer_is_stored_once(
    launcher: Launcher, n_kills: int
) -> None:
    launcher.start()
    assert post(launcher.desk, "/v1/items:upsert", _shop()).status == 202
    load = Load()
    bases = (launcher.desk, launcher.serve, launcher.serve)
    replies = [load.add(partial(_rank, base), every_seconds=0.01) for base in bases]
    killer = Killer(launcher, replies, random.Random(n_kills))
    try:
        while sum(killer.killed.values()) < n_kills:
            killer.strike()
    finally:
        load.end()

    answered = {
        UUID(reply.body["decision_id"])
        for each in replies
        for reply in each
        if reply.status == 200
    }
    assert wait_until(partial(_has_drained, launcher), seconds=60)
    told = launcher.state.run(_TELL).splitlines()
    stored = [line for line in told if len(line) == len(ORG)]
    log.info("killed %s, answered %d", killer.killed, len(answered))
    assert len(answered) > 20 * n_kills
    assert answered - {UUID(each) for each in stored} == set()
    assert len(stored) == len(set(stored))
    verdicts = [line for line in told if line not in stored]
    assert all(line.endswith(" 0 faults.") for line in verdicts), verdicts


@dataclass
class Killer:
    """Kills -9 one process of the platform after the other, at random moments."""

    launcher: Launcher
    replies: list[list[Reply]]
    rng: random.Random
    killed: dict[str, int] = field(default_factory=dict)

    def strike(self) -> None:
        # Under load, however long it takes to be back on its feet.
        wanted = self._answers() + _BETWEEN_KILLS
        wait_until(lambda: self._answers() >= wanted, seconds=60)
        time.sleep(self.rng.uniform(0.0, 0.5))
        ways: dict[str, Callable[[], list[psutil.Process]]] = {
            "serve": partial(self._web, "recsys_site.wsgi_serve:application"),
            "desk": partial(self._web, "recsys_site.wsgi:application"),
            "drainer": self._drainer,
            "postgres": self._postgres,
        }
        (name,) = self.rng.choices([*ways], [8, 3, 3, 1])
        with suppress(psutil.NoSuchProcess, StopIteration, IndexError, ValueError):
            for process in ways[name]():
                process.kill()
            self.killed[name] = self.killed.get(name, 0) + 1

    def _answers(self) -> int:
        return sum(reply.status == 200 for each in self.replies for reply in each)

    def _web(self, word: str) -> list[psutil.Process]:
        """One worker of a web server, which its master replaces."""
        return [self.rng.choice(self.launcher.child(word).children())]

    def _drainer(self) -> list[psutil.Process]:
        return [self.launcher.child("drain_decisions")]

    def _postgres(self) -> list[psutil.Process]:
        (server,) = self.launcher.state.servers("postgres")
        return [server, *server.children()]


def _shop() -> dict[str, object]:
    return {"namespace": "shop", "items": _ITEMS}


def _rank(base: str, turn: int) -> Reply:
    body = {"namespace": "shop", "user_id": f"u{turn % 7}", "k": 5}
    return post(base, "/v1/recommendations", body)


def _has_drained(launcher: Launcher) -> bool:
    with suppress(OSError), urlopen(f"{launcher.desk}/health") as answer:
        found = msgspec.json.decode(answer.read())
        return not found["dependencies"]["decisions"]["waiting_bytes"]
    return False
