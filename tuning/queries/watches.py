"""What came of answers after a proposal was published, and in the week before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from msgspec import Struct

from audit.models import FeedbackHour
from audit.queries.feedback import COUNTS, Counts, Dimension, added
from audit.queries.feedback_windows import windows_of
from tuning.core.watching import (
    WATCH_DAYS,
    WATCHED,
    Standing,
    Tallies,
    Watched,
    forecast_of,
    sentence_of,
    stands,
    title_of,
    watch,
    worst_of,
)
from tuning.models import Proposal

DAY = timedelta(days=1)
_WEEK = timedelta(days=WATCH_DAYS)
_HOUR = timedelta(hours=1)
# What is counted for a figure, and the kind of feedback whose window it waits for.
_COUNTED = {"ctr": ("clicks", "click"), "conversion": ("purchases", "purchase")}


class Watch(Struct, frozen=True, kw_only=True):
    """A published proposal's live figures beside the forecast of its evidence."""

    standing: Standing
    figures: tuple[Watched, ...]

    @property
    def sentence(self) -> str:
        """What decides, in words."""
        deciding = (each for each in self.figures if each.standing == self.standing)
        return sentence_of(next(deciding))


def watch_of(proposal: Proposal, *, at: datetime) -> Watch | None:
    """Return how a proposal does since it was published; None before that.

    Called inside the org's scope, with `sweep`, `version` and `namespace` at hand.
    Answers are told apart by the version that they were ranked with, so that what an
    experiment or a rollback showed meanwhile counts on neither side. A day is judged
    when the attribution window of its last answer has closed: else purchases that are
    still to come would be missing on one side only.
    """
    if proposal.published_at is None:
        return None
    start = _next_hour(proposal.published_at)
    hours = {
        "after": _hours(proposal, proposal.version.number, since=start),
        "before": _hours(proposal, proposal.sweep.profile_version, since=start - _WEEK),
    }
    windows = windows_of(proposal.namespace).of_kinds
    forecast = forecast_of(proposal.evidence)
    figures = []
    for figure in WATCHED:
        column, kind = _COUNTED[figure]
        days = _whole_days(start + timedelta(hours=windows[kind]), at=at)
        sides = _tallies(hours, column, start=start, days=days)
        figures.append(watch(figure, days=days, forecast=forecast, **sides))
    return Watch(standing=worst_of(figures), figures=tuple(figures))


def document_of(watch: Watch) -> dict[str, Any]:
    """Return a watch as the API tells it and pages show it."""
    return {
        "standing": watch.standing.value,
        "sentence": watch.sentence,
        "days": WATCH_DAYS,
        "figures": [
            {
                "figure": each.figure,
                "title": title_of(each),
                "standing": each.standing.value,
                "stands": stands(each),
                "sentence": sentence_of(each),
                "days": each.days,
                "before": _share(each.before),
                "after": _share(each.after),
                "change": _plain(each.change),
                "forecast": None
                if each.forecast is None
                else {"metric": each.forecast.metric} | _known(each.forecast.change),
                "gap": _plain(each.gap),
            }
            for each in watch.figures
        ],
    }


def _next_hour(moment: datetime) -> datetime:
    # The hour of the publication holds answers of before and after.
    return moment.replace(minute=0, second=0, microsecond=0) + _HOUR


def _whole_days(start: datetime, *, at: datetime) -> int:
    return min(max((at - start) // DAY, 0), WATCH_DAYS)


def _hours(
    proposal: Proposal, number: int, *, since: datetime
) -> Mapping[datetime, Counts]:
    # Where nothing was published answers name no profile.
    name = proposal.sweep.profile if number else ""
    rows = FeedbackHour.objects.filter(
        namespace=proposal.namespace_id,
        dimension=Dimension.PROFILE,
        value=f"{name} {number}",
        hour__gte=since,
        hour__lt=since + _WEEK,
    )
    return {
        row["hour"]: Counts(**{name: row[name] for name in COUNTS})
        for row in rows.values("hour", *COUNTS)
    }


def _tallies(
    hours: Mapping[str, Mapping[datetime, Counts]],
    column: str,
    *,
    start: datetime,
    days: int,
) -> dict[str, Tallies]:
    """Return both sides of as many days: of what was seen, if both tell of it."""
    parts = {
        side: _first_days(hours[side], since=since, days=days)
        for side, since in (("after", start), ("before", start - _WEEK))
    }
    seen = all(added(part).is_of_impressions for part in parts.values())
    shown = "impressions" if seen else "served"
    return {side: _columns(part, column, shown) for side, part in parts.items()}


def _first_days(
    hours: Mapping[datetime, Counts], *, since: datetime, days: int
) -> list[Counts]:
    return [counts for hour, counts in hours.items() if hour < since + days * DAY]


def _columns(part: Sequence[Counts], column: str, shown: str) -> Tallies:
    hits, trials = (
        np.array([getattr(each, name) for each in part], dtype=np.int64)
        for name in (column, shown)
    )
    # Before its answer was counted a click may stand alone.
    return Tallies(np.minimum(hits, trials), trials)


def _share(side: tuple[int, int]) -> dict[str, Any]:
    hits, trials = side
    return {"hits": hits, "shown": trials, "share": hits / trials if trials else None}


def _plain(change: Any) -> dict[str, float] | None:
    return None if change is None else _known(change)


def _known(change: Any) -> dict[str, float]:
    return {"value": change.value, "low": change.low, "high": change.high}
