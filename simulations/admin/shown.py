"""A stored check as its page draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from catalog.admin.page import Chip
from catalog.models import Item
from rules.core.findings import CONFLICTS, Finding
from rules.models import ChangeCheck
from rules.operations.change_sets import items_of
from rules.operations.gates import is_fresh
from simulations.core.charts import Columns, columns_of
from simulations.core.forecast import Forecast, Report, Shifted
from simulations.core.judging import Judged

from .words import STATE_CHIPS, figure_words, limit_words, verdict_chip


@dataclass(frozen=True, kw_only=True)
class GuardrailRow:
    judged: Judged
    chip: Chip
    limit: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Mover:
    """An item that gains or loses positions, with its picture if it still exists."""

    item: Item | None
    item_id: str
    before: int
    after: int

    @property
    def gain(self) -> int:
        return self.after - self.before


@dataclass(frozen=True, kw_only=True)
class Movers:
    title: str
    rows: Sequence[Mover]
    count: int


@dataclass(frozen=True, kw_only=True)
class GroupRow:
    kind: str
    name: str
    before: int
    after: int

    @property
    def gain(self) -> int:
        return self.after - self.before


@dataclass(frozen=True, kw_only=True)
class Shown:
    """All of a check."""

    check: ChangeCheck
    chip: Chip
    is_fresh: bool
    conflicts: Sequence[Finding]
    health: Sequence[Finding]
    report: Report | None
    """None of a quick check."""

    guardrails: Sequence[GuardrailRow] = ()
    histogram: Columns | None = None
    movers: Sequence[Movers] = ()
    groups: Sequence[GroupRow] = ()
    moment: datetime | None = None
    oldest_at: datetime | None = None


def shown_check(check: ChangeCheck, *, at: datetime) -> Shown:
    holds = is_fresh(check, items_of(check.change_set), at=at)
    findings = msgspec.convert(check.findings, list[Finding])
    report = msgspec.convert(check.report, Report) if check.report else None
    shown = Shown(
        check=check,
        chip=verdict_chip(check, is_fresh=holds),
        is_fresh=holds,
        conflicts=[each for each in findings if each.kind in CONFLICTS],
        health=[each for each in findings if each.kind not in CONFLICTS],
        report=report,
        guardrails=[guardrail_row(each) for each in report.guardrails]
        if report
        else (),
    )
    if report is None or report.forecast is None:
        return shown
    forecast, oldest = report.forecast, report.sample.oldest_at
    return replace(
        shown,
        histogram=columns_of(
            forecast.movement.by_position, what="Requests that change"
        ),
        movers=_movers(check, forecast),
        groups=_groups(forecast),
        moment=datetime.fromisoformat(forecast.moment),
        oldest_at=None if oldest is None else datetime.fromisoformat(oldest),
    )


def guardrail_row(judged: Judged) -> GuardrailRow:
    return GuardrailRow(
        judged=judged,
        chip=STATE_CHIPS[judged.state],
        limit=limit_words(judged),
        before=figure_words(judged, judged.before),
        after=figure_words(judged, judged.after),
    )


def _movers(check: ChangeCheck, forecast: Forecast) -> list[Movers]:
    shown = (*forecast.items.gaining, *forecast.items.losing)
    rows = Item.objects.filter(
        namespace=check.namespace_id, item_id__in=[each.key for each in shown]
    )
    items = {item.item_id: item for item in rows}

    def told(shifted: Sequence[Shifted]) -> list[Mover]:
        return [
            Mover(
                item=items.get(each.key),
                item_id=each.key,
                before=each.before,
                after=each.after,
            )
            for each in shifted
        ]

    return [
        Movers(
            title="Shown more",
            rows=told(forecast.items.gaining),
            count=forecast.items.gaining_count,
        ),
        Movers(
            title="Shown less",
            rows=told(forecast.items.losing),
            count=forecast.items.losing_count,
        ),
    ]


def _groups(forecast: Forecast) -> list[GroupRow]:
    return [
        GroupRow(kind=kind, name=each.key, before=each.before, after=each.after)
        for kind, shifting in (
            ("Brand", forecast.brands),
            ("Category", forecast.categories),
        )
        for each in (*shifting.gaining[:5], *shifting.losing[:5])
    ]
