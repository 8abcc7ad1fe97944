"""Answers given while everything changes are given again, to the byte."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.utils import timezone

from audit import spool
from audit.models import Decision
from audit.operations import drain_now
from catalog.tenancy import org_scope
from ranking.serve import replay
from tests.ranking.serve.churn import Churn
from tests.ranking.shops import Shop


@pytest.mark.parametrize(
    "n_decisions",
    [60, pytest.param(10_000, marks=[pytest.mark.prove, pytest.mark.timeout(3600)])],
)
def test_what_was_answered_in_the_midst_of_changes_is_answered_again(
    shop: Shop, settings: Any, n_decisions: int
) -> None:
    settings.AUDIT_TRACES_PER_SECOND = 0
    churn = Churn(shop, random.Random(n_decisions))
    churn.open_shop()
    with changing(Churn(shop, random.Random(7), builds_every=60)) as changes:
        answered = [churn.ask()["decision_id"] for _ in range(n_decisions)]
        # Every kind of change had its turn, whatever the machine is busy with.
        while changes.n_changes < 70 and changes.is_going_on:
            answered.append(churn.ask()["decision_id"])
    spool.flush()
    drain_now(clock=timezone.now)

    wrong = [each for each in answered if not is_given_again(shop, each)]

    assert changes.failure is None
    assert wrong == []
    assert len(kinds_of_state(shop)) > 20


class Changes:
    """Changes in a thread of their own, until told to stop."""

    def __init__(self, churn: Churn) -> None:
        self._churn = churn
        self._stop = Event()
        self._thread = Thread(target=self._go_on)
        self.failure: BaseException | None = None

    @property
    def n_changes(self) -> int:
        return self._churn.n_changes

    @property
    def is_going_on(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _go_on(self) -> None:
        try:
            while not self._stop.is_set():
                self._churn.change()
        except BaseException as error:
            self.failure = error
        finally:
            connections.close_all()


@contextmanager
def changing(churn: Churn) -> Iterator[Changes]:
    changes = Changes(churn)
    changes.start()
    try:
        yield changes
    finally:
        changes.stop()


def is_given_again(shop: Shop, decision_id: str) -> bool:
    with org_scope(shop.org_id):
        decision = Decision.objects.select_related("namespace").get(
            decision_id=UUID(decision_id)
        )
        return replay(decision, wall_us=0).is_identical


def kinds_of_state(shop: Shop) -> set[tuple[bytes, bytes, int]]:
    """What different answers were given from."""
    with org_scope(shop.org_id):
        found = Decision.objects.values_list(
            "snapshot_hash", "configuration_hash", "change_number"
        )
        return {
            (bytes(snapshot), bytes(configuration), number)
            for snapshot, configuration, number in found
        }
