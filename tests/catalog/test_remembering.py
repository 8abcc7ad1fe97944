"""What is known goes on holding while it cannot be looked up, and not for ever."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from catalog import remembering
from catalog.remembering import STALE_SECONDS, Remembered


class Clock:
    def __init__(self) -> None:
        self.moment = 1_000.0

    def monotonic(self) -> float:
        return self.moment


class Lookups:
    """Answers in turn; an error is raised."""

    def __init__(self, *answers: str | OperationalError) -> None:
        self._answers = list(answers)

    def __call__(self) -> str:
        answer = self._answers.pop(0)
        if isinstance(answer, OperationalError):
            raise answer
        return answer

    @property
    def left(self) -> int:
        return len(self._answers)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(remembering, "time", clock)
    return clock


AWAY = OperationalError("away")


def test_asks_once_while_it_is_fresh_and_again_when_it_is_old(clock: Clock) -> None:
    remembered: Remembered[str, str] = Remembered()
    find = Lookups("first", "second")

    answers = []
    for seconds in (0, 0.9, 0.2):
        clock.moment += seconds
        answers.append(remembered.recall("shop", seconds=1, find=find))

    assert answers == ["first", "first", "second"]


def test_an_old_answer_holds_while_there_is_no_other(clock: Clock) -> None:
    remembered: Remembered[str, str] = Remembered()
    find = Lookups("first", AWAY, AWAY, "second")
    remembered.recall("shop", seconds=1, find=find)

    clock.moment += 100
    assert remembered.recall("shop", seconds=1, find=find) == "first"
    clock.moment += 0.1
    assert remembered.recall("shop", seconds=1, find=find) == "first"
    assert find.left == 2, "it was asked again a moment after it failed"
    clock.moment += 2
    assert remembered.recall("shop", seconds=1, find=find) == "first"
    clock.moment += 2
    assert remembered.recall("shop", seconds=1, find=find) == "second"


def test_but_not_for_longer_than_a_day(clock: Clock) -> None:
    remembered: Remembered[str, str] = Remembered()
    find = Lookups("first", AWAY)
    remembered.recall("shop", seconds=1, find=find)

    clock.moment += STALE_SECONDS
    with pytest.raises(OperationalError):
        remembered.recall("shop", seconds=1, find=find)


def test_what_was_never_found_is_not_made_up(clock: Clock) -> None:
    with pytest.raises(OperationalError):
        Remembered[str, str]().recall("shop", seconds=1, find=Lookups(AWAY))


def test_many_strange_keys_push_out_the_longest_unseen_only(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembering, "_MOST", 3)
    remembered: Remembered[str, str] = Remembered()
    for key in ("a", "b", "c"):
        remembered.recall(key, seconds=1, find=Lookups(key))
    clock.moment += 5
    remembered.recall("a", seconds=1, find=Lookups("a again"))

    remembered.recall("strange", seconds=1, find=Lookups("strange"))

    assert remembered.recall("a", seconds=1, find=Lookups()) == "a again"
    with pytest.raises(OperationalError):
        remembered.recall("b", seconds=1, find=Lookups(AWAY))
