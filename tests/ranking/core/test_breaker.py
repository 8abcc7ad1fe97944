from __future__ import annotations

from ranking.core.breaker import Breaker


def test_it_opens_after_failures_in_a_row_and_no_sooner() -> None:
    breaker = Breaker(failures=2, pause_seconds=30)
    breaker.failed(now=0)
    breaker.succeeded()
    breaker.failed(now=1)
    assert breaker.allows(now=1)

    breaker.failed(now=2)

    assert not breaker.allows(now=31)


def test_one_may_try_after_the_pause_and_others_wait_for_it() -> None:
    breaker = Breaker(failures=1, pause_seconds=30)
    breaker.failed(now=0)

    assert [breaker.allows(now=30), breaker.allows(now=31)] == [True, False]
    breaker.succeeded()

    assert breaker.allows(now=32)
