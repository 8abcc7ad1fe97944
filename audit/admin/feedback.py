"""What came of answers: the page with figures, and what was said of one answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone

from audit.core.feedback import LAST_SLOT
from audit.core.proportions import LEAST_TRIALS, Share
from audit.models import Feedback, FeedbackState
from audit.queries import get_decision
from audit.queries.feedback import (
    Counts,
    Dimension,
    Figure,
    added,
    by_day,
    feedback_of,
    figures,
    total,
)
from catalog.admin.page import Chip, PageAdmin, namespace_of
from catalog.models import Item, Namespace

_PERIODS = {"1": "24 hours", "7": "7 days", "28": "28 days"}
_TABS = {
    "surface": "Surface",
    "segment": "Segment",
    "profile": "Profile version",
    "slot": "Position",
    "rule": "Rule",
}
_CHIPS = {
    FeedbackState.NEW: Chip(words="Waits for its answer", icon="clock", kind="info"),
    FeedbackState.COUNTED: Chip(words="Counted", icon="check", kind="good"),
    FeedbackState.REPEATED: Chip(words="Counted before", icon="layers"),
    FeedbackState.LATE: Chip(words="Too late", icon="clock", kind="warn"),
    FeedbackState.UNKNOWN: Chip(words="No such answer", icon="warning", kind="warn"),
    FeedbackState.ELSEWHERE: Chip(words="Not in the answer", icon="warning"),
}


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One number over the whole period."""

    title: str
    value: str
    why: str
    line: Sequence[float | None] = ()


@dataclass(frozen=True, kw_only=True)
class FigureRow:
    """A line of the table."""

    title: str
    counts: Counts
    ctr: Share | None
    conversion: Share | None


@dataclass(frozen=True, kw_only=True)
class SaidRow:
    """What was said of one item of an answer."""

    feedback: Feedback
    item: Item | None
    chip: Chip


@admin.register(Feedback)
class FeedbackAdmin(PageAdmin[Feedback]):
    list_title = "Feedback"

    def get_urls(self) -> list[URLPattern]:
        of = self.admin_site.admin_view(self.of_decision)
        return [
            path("of/<uuid:key>/", of, name="audit_feedback_of"),
            *super().get_urls(),
        ]

    def list_page(self, request: HttpRequest) -> HttpResponse:
        namespace, at = namespace_of(request), timezone.now()
        days = request.GET.get("days", "")
        days = days if days in _PERIODS else "7"
        tab = request.GET.get("by", "")
        tab = tab if tab in _TABS else "surface"
        since = at - timedelta(days=int(days))
        rows: Sequence[FigureRow] = ()
        more = 0
        if tab != "rule":
            found = figures(namespace, Dimension(tab), since=since, until=at)
            rows = [_row(each, tab) for each in found.rows]
            more = found.more
        counts = total(namespace, since=since, until=at)
        return self.page(
            request,
            "recsys/feedback.html",
            title="Feedback",
            tiles=_tiles(namespace, counts, at=at),
            counts=counts,
            rows=rows,
            more=more,
            tab=tab,
            tabs=_TABS,
            days=days,
            periods=_PERIODS,
            least=LEAST_TRIALS,
        )

    def of_decision(self, request: HttpRequest, key: UUID) -> HttpResponse:
        """Show what was said of one answer: a part of its trace's page."""
        self.require_view(request)
        decision = get_decision(key)
        if decision is None or decision.namespace_id != namespace_of(request).pk:
            raise Http404(f"No decision {key} in this namespace.")
        said = feedback_of(key, day=decision.decision_day)
        said = [each for each in said if each.namespace_id == decision.namespace_id]
        items = Item.objects.in_bulk({each.item for each in said if each.item})
        rows = [
            SaidRow(
                feedback=each,
                item=items.get(each.item or 0),
                chip=_CHIPS[FeedbackState(each.state)],
            )
            for each in said
        ]
        return render(request, "recsys/feedback_of.html", {"rows": rows})


def _row(figure: Figure, tab: str) -> FigureRow:
    counts = figure.counts
    return FigureRow(
        title=_title(figure.value, tab),
        counts=counts,
        ctr=counts.ctr,
        conversion=counts.conversion,
    )


def _title(value: str, tab: str) -> str:
    if tab == "profile":
        name, _, version = value.rpartition(" ")
        return f"{name}, version {version}" if name else "built-in defaults"
    if tab == "slot":
        return f"Position {value}{' and below' if value == str(LAST_SLOT) else ''}"
    return value or {"surface": "no surface", "segment": "no segment"}.get(tab, value)


def _tiles(namespace: Namespace, counts: Counts, *, at: datetime) -> list[Tile]:
    today = at.date()
    days = [today - timedelta(days=age) for age in range(27, -1, -1)]
    known = by_day(namespace, since=at - timedelta(days=28), until=at)
    line = [known.get(day, added([])) for day in days]
    shown = "items seen" if counts.is_of_impressions else "items served"
    return [
        Tile(
            title="Answers",
            value=f"{counts.answers:,}",
            why=f"{counts.served:,} items served, {counts.impressions:,} seen.",
            line=[float(day.answers) for day in line],
        ),
        Tile(
            title="Click rate",
            value=_percent(counts.ctr),
            why=_interval(counts.ctr, f"{counts.clicks:,} clicks on {shown}"),
            line=[_value(day.ctr) for day in line],
        ),
        Tile(
            title="Conversion",
            value=_percent(counts.conversion),
            why=_interval(counts.conversion, f"{counts.purchases:,} purchases"),
            line=[_value(day.conversion) for day in line],
        ),
    ]


def _value(share: Share | None) -> float | None:
    return None if share is None else share.value


def _percent(share: Share | None) -> str:
    return "" if share is None else f"{share.value * 100:.2f} %"


def _interval(share: Share | None, words: str) -> str:
    if share is None:
        return f"{words}; of fewer than {LEAST_TRIALS} no rate is told."
    return f"{words}; between {share.low * 100:.2f} and {share.high * 100:.2f} %."
