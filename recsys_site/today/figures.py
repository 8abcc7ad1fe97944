"""Figures of the last 28 days, each with a line and one plain sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.urls import reverse

from catalog.admin.clock import namespace_now
from catalog.models import Namespace
from catalog.templatetags.desk import number, percent
from ranking.admin.live import live_signals

from .days import answer_day, click_day, kept

DAYS = 28
_WEEK = 7
_SAME = 0.01


@dataclass(frozen=True, kw_only=True)
class Figure:
    title: str
    value: str
    """Empty when there is not enough data for one."""

    why: str
    line: Sequence[float | None]
    url: str
    limit: float | None = None
    note: str = ""


def figures(
    namespace: Namespace, *, at: datetime, is_late: Callable[[], bool]
) -> Sequence[Figure]:
    """Read the figures; what nobody measured is said, never guessed.

    Raises
    ------
    StillCountingError
        When it gets late: the next call goes on.
    """
    today = at.date()
    days = [today - timedelta(days=age) for age in range(DAYS - 1, -1, -1)]
    live = live_signals(namespace)
    answers = kept(
        days,
        partial(answer_day, namespace, live=live),
        key=("answers", namespace.pk, bool(live)),
        today=today,
        is_late=is_late,
    )
    traces = reverse("admin:audit_decision_changelist")
    return [
        _sum("Answers, 7 d", [day.answers for day in answers], url=traces),
        _clicks(namespace, at=at, is_late=is_late),
        _share("Catalog coverage a day", [day.coverage for day in answers], url=traces),
        _share("Long-tail share", [day.long_tail_share for day in answers], url=traces),
        _time("Answer time, p99", [day.p99_ms for day in answers], url=traces),
        _share(
            "Degraded answers",
            [day.degraded_share for day in answers],
            url=f"{traces}?degraded=1",
        ),
    ]


def _clicks(
    namespace: Namespace, *, at: datetime, is_late: Callable[[], bool]
) -> Figure:
    today = namespace_now(namespace, at=at).date()
    days = [today - timedelta(days=age) for age in range(DAYS - 1, -1, -1)]
    line = kept(
        days,
        partial(click_day, namespace),
        key=("clicks", namespace.pk),
        today=today,
        is_late=is_late,
    )
    url = reverse("admin:catalog_event_changelist") + "?type=1"
    return _sum("Click events, 7 d", line, url=url)


def _sum(title: str, line: Sequence[int], *, url: str) -> Figure:
    week, before = sum(line[-_WEEK:]), sum(line[-2 * _WEEK : -_WEEK])
    return Figure(
        title=title,
        value=number(week) if any(line) else "",
        why=_change(week, before) if any(line) else "None in these days.",
        line=line if any(line) else (),
        url=url,
    )


def _share(title: str, line: Sequence[float | None], *, url: str) -> Figure:
    newest = _newest(line)
    return Figure(
        title=title,
        value="" if newest is None else percent(newest),
        why=_steadiness(line),
        line=line if _measured(line) > 1 else (),
        url=url,
    )


def _time(title: str, line: Sequence[float | None], *, url: str) -> Figure:
    newest = _newest(line)
    return Figure(
        title=title,
        value="" if newest is None else f"{newest:.{0 if newest >= 100 else 1}f} ms",
        why=_steadiness(line),
        line=line if _measured(line) > 1 else (),
        url=url,
        limit=15.0 if newest is not None else None,
        note="target 15 ms",
    )


def _newest(line: Sequence[float | None]) -> float | None:
    return next((value for value in reversed(line) if value is not None), None)


def _measured(line: Sequence[float | None]) -> int:
    return sum(value is not None for value in line)


def _change(now: float, before: float) -> str:
    if not before:
        return "None in the week before."
    share = now / before - 1
    if abs(share) < _SAME:
        return "As in the week before."
    return (
        f"{'Up' if share > 0 else 'Down'} {abs(share) * 100:.0f} % on the week before."
    )


def _steadiness(line: Sequence[float | None]) -> str:
    known = [value for value in line if value is not None]
    if len(known) < 2:
        return "No day with enough answers." if not known else "One day so far."
    mean = sum(known[:-1]) / len(known[:-1])
    if not mean:
        return "None on the days before." if known[-1] else "None on any day."
    share = known[-1] / mean - 1
    if abs(share) < 0.05:
        return f"Steady over {len(known)} days."
    side = "above" if share > 0 else "below"
    return f"{abs(share) * 100:.0f} % {side} its mean of {len(known)} days."
