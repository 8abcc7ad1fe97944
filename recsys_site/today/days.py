"""Figures of single days. A day that is over is read once per process and kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from audit.models import Decision
from catalog.admin.lists import count
from catalog.models import Namespace
from ranking.admin.live import Live

_SAMPLE = 500
_MOST_KEPT = 10_000
_kept: OrderedDict[tuple[object, ...], object] = OrderedDict()


@dataclass(frozen=True, kw_only=True)
class AnswerDay:
    """Answers of a UTC day; all but their number from its newest 500."""

    answers: int
    p99_ms: float | None = None
    degraded_share: float | None = None
    coverage: float | None = None
    """Distinct items served, as a share of the items in the live build."""
    long_tail_share: float | None = None


def answer_day(namespace: Namespace, day: date, *, live: Live | None) -> AnswerDay:
    rows = Decision.objects.filter(namespace=namespace, decision_day=day)
    newest = list(
        rows.order_by("-decision_id").values_list("latency_us", "degraded", "items")[
            :_SAMPLE
        ]
    )
    if not newest:
        return AnswerDay(answers=0)
    latencies = np.array([latency for latency, _, _ in newest])
    served = np.array(
        [number for _, _, items in newest for number in items], dtype=np.int64
    )
    coverage, long_tail = _spread(served, live)
    return AnswerDay(
        answers=count(rows).number if len(newest) == _SAMPLE else len(newest),
        p99_ms=float(np.percentile(latencies, 99)) / 1000,
        degraded_share=sum(bool(degraded) for _, degraded, _ in newest) / len(newest),
        coverage=coverage,
        long_tail_share=long_tail,
    )


def _spread(served: np.ndarray, live: Live | None) -> tuple[float | None, float | None]:
    """Return coverage and long-tail share of served items, None without signals."""
    if live is None or not len(live.snapshot) or not len(served):
        return None, None
    rows = live.snapshot.rows_of_numbers(served)
    known = rows[rows >= 0]
    if not len(known):
        return None, None
    coverage = len(np.unique(known)) / len(live.snapshot)
    flags = live.snapshot.long_tail
    return coverage, float(flags[known].mean()) if len(flags) else None


class StillCountingError(Exception):
    """Not all days could be read in time; what was read is kept."""

    def __init__(self, *, days_left: int) -> None:
        super().__init__(f"{days_left} days are still to be counted")
        self.days_left = days_left


def kept[T](
    days: Sequence[date],
    read: Callable[[date], T],
    *,
    key: tuple[object, ...],
    today: date,
    is_late: Callable[[], bool],
) -> list[T]:
    """Return a figure of each day; those of past days are read once and kept.

    Raises
    ------
    StillCountingError
        When it gets late: the next call goes on with the days that are left.
    """
    found: list[T] = []
    has_read = False
    for done, day in enumerate(days):
        place = (*key, day)
        if place not in _kept or day >= today:
            # Each call reads a day at least, so that the last one comes.
            if has_read and day < today and is_late():
                raise StillCountingError(days_left=len(days) - done)
            _kept[place] = read(day)
            has_read = True
            if len(_kept) > _MOST_KEPT:
                _kept.popitem(last=False)
        found.append(_kept[place])  # type: ignore[arg-type]
    return found
