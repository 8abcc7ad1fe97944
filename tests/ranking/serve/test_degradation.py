"""What is still answered when something is missing, and how the answer says so."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from django.db import OperationalError

from catalog import access
from ranking.queries import round_trip
from ranking.serve import served, watch
from tests.ranking.builds import build
from tests.ranking.serve.replays import replayed_digest, stored
from tests.ranking.shops import Shop, ids_of, item, items


@pytest.fixture
def built(shop: Shop) -> Shop:
    """A shop with a build; `ana` bought the most popular item."""
    shop.sell(*items([f"i{n}" for n in range(8)]))
    shop.record(
        *[
            (f"u{user}", f"i{(user + n) % 8}", "click")
            for user in range(6)
            for n in (0, 1)
        ]
    )
    shop.record(("ana", "i1", "purchase"))
    build(shop)
    shop.recommend("ana")
    return shop


@pytest.fixture
def silent_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Serving's connections get no answer."""
    monkeypatch.setattr(round_trip._pools, "resumes_at", time.monotonic() + 60)


class TestLadder:
    def test_begins_with_everything(self, built: Shop):
        answer = built.recommend("ana")

        assert "degraded" not in answer
        assert "i1" not in ids_of(answer)

    def test_goes_on_without_history(self, built, silent_database):
        answer = built.recommend("ana")

        assert answer["degraded"] == ["without_history"]
        assert len(answer["items"]) == 8

    def test_asks_nobody_when_nobody_is_named(self, built, silent_database):
        assert "degraded" not in built.recommend()

    def test_goes_on_with_the_snapshot_when_changes_cannot_be_read(
        self, built, monkeypatch
    ):
        built.sell(item("late"))
        monkeypatch.setattr(served, "_READ_SECONDS", 0)

        answer = built.recommend("ana")

        assert answer["degraded"] == ["snapshot_only"]
        assert "late" not in ids_of(answer)

    def test_ends_with_popularity_when_the_deadline_has_passed(self, built, settings):
        settings.REQUEST_DEADLINE_MS = 0

        answer = built.recommend("ana", explain_level="numeric")

        assert answer["degraded"] == ["without_history", "popularity"]
        assert answer["items"][0]["explain"]["blend"]["beta"] == 0

    def test_is_kept_step_by_step_and_can_be_replayed(self, built, settings):
        settings.REQUEST_DEADLINE_MS = 0

        kept = stored(built, built.recommend("ana"))

        assert kept.decision.rung == 3
        assert "deadline" in (kept.trace.rung_reason or "")
        assert replayed_digest(built, kept) == bytes(kept.decision.answer_digest)

    def test_goes_on_while_not_even_namespaces_can_be_looked_up(
        self, built, monkeypatch, silent_database
    ):
        def away(*_: object) -> None:
            raise OperationalError("the server is gone")

        monkeypatch.setattr(access, "find_in_org", away)
        monkeypatch.setattr(access, "NAMESPACE_SECONDS", -1.0)

        assert len(built.recommend("ana")["items"]) == 8

    def test_goes_on_without_a_snapshot_that_cannot_be_opened(self, built, settings):
        (path,) = Path(settings.FILES_ROOT).rglob("*.snapshot")
        path.write_bytes(b"not a snapshot")
        served.forget_all()

        answer = built.recommend("ana")

        assert answer["degraded"] == ["no_build"]
        assert len(answer["items"]) == 7  # All but what was bought.

    def test_says_503_when_there_is_nothing_at_all(self, built, silent_database):
        served.forget_all()

        response = built.post("/v1/recommendations", {"namespace": "shop"})

        assert response.status_code == 503
        assert response["Retry-After"]


class TestWatch:
    def test_notices_what_another_host_changed(self, built, monkeypatch):
        held = served.current(built.namespace)
        monkeypatch.setattr(served.generation, "bump", lambda _: None)
        monkeypatch.setattr(served.generation, "token", lambda _: held.token)
        built.sell(item("elsewhere"))
        assert "elsewhere" not in built.ids(k=20)

        with watch.connect() as connection:
            watch.compare(connection)

        assert "elsewhere" in built.ids(k=20)
