"""Who waits for the first build of a namespace, and who is answered at once."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from ranking.queries import round_trip
from ranking.serve import first_build, served
from recsys_site.launch import children
from tests.ranking.builds import build
from tests.ranking.shops import Shop, ids_of, item


class Waiting:
    """A clock for the one who waits; its sleeps are counted and pass at once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept = 0
        self.meanwhile: Any = lambda: None

    def monotonic(self) -> float:
        return time.monotonic() + self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept += 1
        self.seconds += seconds
        self.meanwhile()


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Waiting:
    waiting = Waiting()
    monkeypatch.setattr(first_build, "time", waiting)
    monkeypatch.setattr(first_build, "_in_vain", {})
    settings.FIRST_BUILD_WAIT_SECONDS = 10
    return waiting


@pytest.fixture
def unbuilt(shop: Shop) -> Shop:
    shop.sell(item("a"), item("b"))
    shop.record(("ana", "b", "purchase"))
    return shop


def test_the_desk_waits(unbuilt: Shop, waiting: Waiting) -> None:
    waiting.meanwhile = lambda: build(unbuilt)

    answer = unbuilt.recommend("ben")

    assert "degraded" not in answer
    assert ids_of(answer) == ["b", "a"]


def test_it_answers_with_what_there_is_when_the_wait_is_over(
    unbuilt: Shop, waiting: Waiting
) -> None:
    answer = unbuilt.recommend("ben")

    assert waiting.slept == pytest.approx(10 / 0.05, abs=2)
    assert answer["degraded"] == ["no_build"]
    assert set(ids_of(answer)) == {"a", "b"}


def test_serve_never_waits(unbuilt: Shop, waiting: Waiting, settings: Any) -> None:
    settings.PROCESS = "serve"

    answer = unbuilt.recommend("ben")

    assert waiting.slept == 0
    assert answer["degraded"] == ["no_build"]
    assert set(ids_of(answer)) == {"a", "b"}


def test_nobody_waits_again_where_it_was_in_vain(
    unbuilt: Shop, waiting: Waiting
) -> None:
    unbuilt.recommend("ben")
    waiting.slept = 0

    assert unbuilt.recommend("ben")["degraded"] == ["no_build"]

    assert waiting.slept == 0


def test_until_a_minute_has_passed(unbuilt: Shop, waiting: Waiting) -> None:
    unbuilt.recommend("ben")
    waiting.slept, waiting.seconds = 0, waiting.seconds + first_build.IN_VAIN_SECONDS

    unbuilt.recommend("ben")

    assert waiting.slept > 0


def test_or_the_data_have_changed(unbuilt: Shop, waiting: Waiting) -> None:
    unbuilt.recommend("ben")
    unbuilt.record(("ana", "a", "view"))
    waiting.slept = 0

    unbuilt.recommend("ben")

    assert waiting.slept > 0


def test_one_thread_stays_free(
    unbuilt: Shop, waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = threading.BoundedSemaphore(first_build.MOST_WAITING)
    for _ in range(first_build.MOST_WAITING):
        taken.acquire()
    monkeypatch.setattr(first_build, "_places", taken)

    assert unbuilt.recommend("ben")["degraded"] == ["no_build"]

    assert waiting.slept == 0
    assert _threads_of_the_desk() > first_build.MOST_WAITING


def test_an_absent_database_ends_the_wait(
    unbuilt: Shop, waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.current(unbuilt.namespace)
    monkeypatch.setattr(round_trip._pools, "resumes_at", time.monotonic() + 60)
    unbuilt.record(("ana", "a", "view"))

    answer = unbuilt.recommend()

    assert answer["degraded"] == ["snapshot_only", "no_build"]
    assert waiting.slept == 0


def _threads_of_the_desk() -> int:
    command = list(children.desk(host="127.0.0.1", port=1).command)
    return int(command[command.index("--blocking-threads") + 1])
