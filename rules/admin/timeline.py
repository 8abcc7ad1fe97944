"""Rules on a strip of four weeks, drawn on the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rules.models import RuleState

from .rule_rows import RuleRow

_BEFORE = timedelta(days=7)
_DAYS = 28
_WIDTH = 1184
_LEFT = 216
_ROW = 22
_TOP = 28
_ENDLESS = 12
_WORDS = 72
_LABEL = 20


@dataclass(frozen=True, kw_only=True)
class Tick:
    x: float
    words: str


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A rule's line: where it lies and how it looks."""

    row: RuleRow
    y: int
    x: float
    width: float
    kind: str
    words: str
    goes_on: bool

    @property
    def text_y(self) -> int:
        return self.y + 13

    @property
    def label(self) -> str:
        name = self.row.rule.name
        return name if len(name) <= _LABEL else f"{name[: _LABEL - 1]}…"

    @property
    def end(self) -> float:
        return self.x + self.width - _ENDLESS


@dataclass(frozen=True, kw_only=True)
class Timeline:
    ticks: Sequence[Tick]
    now: float
    stretches: Sequence[Stretch]
    height: int
    width: int = _WIDTH

    @property
    def bottom(self) -> int:
        return self.height - 8


def timeline(rows: Sequence[RuleRow], *, at: datetime, zone: str) -> Timeline:
    """Lay rules out from a week ago to three weeks ahead."""
    local = at.astimezone(ZoneInfo(zone))
    first = (local - _BEFORE).replace(hour=0, minute=0, second=0, microsecond=0)
    last = first + timedelta(days=_DAYS)
    monday = first + timedelta(days=-first.weekday() % 7)
    days = [monday + timedelta(days=7 * week) for week in range(4)]
    now = _x(at, first)
    return Timeline(
        ticks=[_tick(day, first=first, now=now) for day in days if day < last],
        now=now,
        stretches=[
            _stretch(row, place, first=first, last=last)
            for place, row in enumerate(rows)
        ],
        height=_TOP + _ROW * len(rows) + 12,
    )


def _tick(day: datetime, *, first: datetime, now: float) -> Tick:
    x = _x(day, first)
    words = f"{day:%a} {day.day} {day:%b}"
    return Tick(x=x, words="" if abs(x + _WORDS / 2 - now) < _WORDS else words)


def _stretch(row: RuleRow, place: int, *, first: datetime, last: datetime) -> Stretch:
    rule = row.rule
    start = max(rule.starts_at or first, first)
    end = min(rule.ends_at or last, last)
    x = min(_x(start, first), _WIDTH - 4.0)
    width = max(_x(end, first) - x, 4.0)
    is_live = row.standing == RuleState.LIVE
    return Stretch(
        row=row,
        y=_TOP + _ROW * place,
        x=x,
        width=width,
        kind="live" if is_live else "planned" if _is_ahead(row) else "idle",
        words=row.action if is_live else f"{row.action}, {row.state.words.lower()}",
        goes_on=rule.ends_at is None or rule.ends_at > last,
    )


def _is_ahead(row: RuleRow) -> bool:
    return row.standing not in (
        RuleState.EXPIRED,
        RuleState.RETIRED,
        RuleState.PAUSED,
    )


def _x(at: datetime, first: datetime) -> float:
    days = (at - first) / timedelta(days=1)
    return round(_LEFT + days / _DAYS * (_WIDTH - _LEFT), 1)
