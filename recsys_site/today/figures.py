"""Figures of the last 28 days, each with a line and one plain sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from django.db.models.functions import TruncDay
from django.urls import reverse

from audit.queries.feedback import Counts, added, by_day
from catalog.models import Namespace
from catalog.templatetags.desk import number, percent
from ranking.admin.live import live_signals
from ranking.models import Publication

from .days import answer_day, kept

DAYS = 28
_WEEK = 7
_SAME = 0.01
_MOST_MARKS = 6


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
    marks: Sequence[int] = ()
    """Places in the line of days on which something was published."""


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
    marks = _publications(namespace, days, at=at)
    found = [
        *_fed_back(namespace, days, at=at),
        _share("Catalog coverage a day", [day.coverage for day in answers], url=traces),
        _share("Long-tail share", [day.long_tail_share for day in answers], url=traces),
        _time("Answer time, p99", [day.p99_ms for day in answers], url=traces),
        _share(
            "Degraded answers",
            [day.degraded_share for day in answers],
            url=f"{traces}?degraded=1",
        ),
    ]
    return [replace(figure, marks=marks) for figure in found]


def _fed_back(
    namespace: Namespace, days: Sequence[date], *, at: datetime
) -> tuple[Figure, Figure]:
    """Return what was seen, or served where nobody says, and what share was clicked."""
    known = by_day(namespace, since=at - timedelta(days=DAYS), until=at)
    line = [known.get(day, added(())) for day in days]
    url = reverse("admin:audit_feedback_changelist")
    week = added(line[-_WEEK:])
    title = "Impressions, 7 d" if week.is_of_impressions else "Items served, 7 d"
    shown = [day.impressions if week.is_of_impressions else day.served for day in line]
    return _sum(title, shown, url=url), _click_rate(line, url=url)


def _click_rate(line: Sequence[Counts], *, url: str) -> Figure:
    now, before = added(line[-_WEEK:]), added(line[-2 * _WEEK : -_WEEK])
    share, earlier = now.ctr, before.ctr
    told = share is not None and now.clicks > 0
    why = "No clicks are tied to answers." if not now.clicks else "Too few answers."
    if told and share is not None:
        why = f"Between {share.low * 100:.2f} and {share.high * 100:.2f} %."
        if earlier is not None and before.clicks:
            why += f" {_change(share.value, earlier.value)}"
    rates = [day.ctr.value if day.ctr is not None else None for day in line]
    return Figure(
        title="Click rate, 7 d",
        value=percent(share.value) if told and share is not None else "",
        why=why,
        line=rates if told else (),
        url=url,
    )


def _publications(
    namespace: Namespace, days: Sequence[date], *, at: datetime
) -> Sequence[int]:
    """Return the places of the newest days on which something was published."""
    rows = Publication.objects.filter(
        namespace=namespace, at__gte=at - timedelta(days=DAYS)
    )
    found = rows.annotate(day=TruncDay("at")).order_by("-day").values_list("day")
    newest = {day.date() for (day,) in found.distinct()[:_MOST_MARKS]}
    return [place for place, day in enumerate(days) if day in newest]


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
