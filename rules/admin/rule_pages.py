"""What the tabs of a rule's page show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from audit.models import Decision
from audit.queries import DecisionFilter, list_decisions
from catalog.core.preview_as import read_preview
from catalog.models import Namespace
from rules.core.rule import TargetType
from rules.core.window_words import window_in_words
from rules.models import (
    Approval,
    ChangeSetItem,
    ChangeSetState,
    Rule,
    RuleState,
    RuleVersion,
)
from rules.operations.checks import findings_of
from rules.queries.contents import content_of
from rules.queries.effects import effects_of

from .form_choices import known_places
from .history import compare, lines_of
from .links import address, merchandise_url, with_rules
from .rule_rows import items_named, rows_of
from .words import CHANGE_SET_CHIPS

_PREVIEW = "admin:ranking_rule_page"
_VERSIONS = 50
_TRACES = 20
OPEN = (ChangeSetState.DRAFT, ChangeSetState.IN_REVIEW, ChangeSetState.APPROVED)


@dataclass(frozen=True, kw_only=True)
class Tab:
    name: str
    title: str
    is_chosen: bool


def detail(request: HttpRequest, rule: Rule, *, at: datetime) -> dict[str, Any]:
    """Return what the page shows whatever its tab, and what its tab shows."""
    asked = request.GET.get("tab", "")
    chosen = asked if asked in _TABS else "rule"
    [row] = rows_of(rule.namespace, [rule], at=at)
    drafts = ChangeSetItem.objects.filter(rule=rule, change_set__state__in=OPEN)
    build = _TABS[chosen]
    return {
        "row": row,
        "rule": rule,
        "tab": chosen,
        "tabs": [
            Tab(name=name, title=name.capitalize(), is_chosen=name == chosen)
            for name in _TABS
        ],
        "drafts": [
            (draft, CHANGE_SET_CHIPS[draft.change_set.state])
            for draft in drafts.select_related("change_set").order_by("-pk")[:10]
        ],
        "can_pause": row.standing in (RuleState.LIVE, RuleState.SCHEDULED),
        "can_resume": rule.state == RuleState.PAUSED,
        "can_retire": rule.version is not None and rule.state != RuleState.RETIRED,
        **build(rule, request.GET.dict(), at),
    }


type _Build = Callable[[Rule, Mapping[str, str], datetime], dict[str, Any]]


def _rule(rule: Rule, _asked: Mapping[str, str], _at: datetime) -> dict[str, Any]:
    content = content_of(rule)
    said = content.rule
    return {
        "content": content,
        "items": _items(rule.namespace, said.target.values, said.target.type),
        "places": said.positions,
        "window_words": [window_in_words(each) for each in said.windows],
    }


def _preview(rule: Rule, asked: Mapping[str, str], at: datetime) -> dict[str, Any]:
    surfaces, _ = known_places(rule.namespace)
    return {
        **_rule(rule, {}, at),
        "merchandise_url": merchandise_url(rule),
        "preview_url": address(_PREVIEW, rule.pk),
        "asked": read_preview(asked),
        "surfaces": surfaces,
    }


def _effect(rule: Rule, _asked: Mapping[str, str], at: datetime) -> dict[str, Any]:
    return {"effect": effects_of(rule.namespace, [rule], at=at)[rule.pk]}


def _conflicts(rule: Rule, _asked: Mapping[str, str], at: datetime) -> dict[str, Any]:
    found = findings_of(
        rule.namespace, [content_of(rule)], without=[str(rule.pk)], at=at
    )
    return {"findings": with_rules(rule.namespace, found)}


def _history(rule: Rule, asked: Mapping[str, str], _at: datetime) -> dict[str, Any]:
    rows = RuleVersion.objects.filter(rule=rule).select_related("change_set")
    versions: Sequence[RuleVersion] = list(rows.order_by("-number")[:_VERSIONS])
    before, after = asked.get("before", ""), asked.get("after", "")
    return {
        "lines": lines_of(rule.namespace, versions),
        "versions": versions,
        "comparison": compare(rule.namespace, versions, before=before, after=after),
    }


def _approvals(rule: Rule, _asked: Mapping[str, str], _at: datetime) -> dict[str, Any]:
    sets = ChangeSetItem.objects.filter(rule=rule).values("change_set")
    approvals = Approval.objects.filter(change_set__in=sets)
    return {
        "approvals": approvals.select_related("change_set").order_by("-pk")[:_VERSIONS]
    }


def _traces(rule: Rule, _asked: Mapping[str, str], _at: datetime) -> dict[str, Any]:
    chosen = DecisionFilter(rule_id=rule.pk)
    decisions: Sequence[Decision] = list_decisions(
        rule.namespace, chosen, limit=_TRACES
    ).decisions
    return {"decisions": decisions}


def _items(
    namespace: Namespace, values: Sequence[str], kind: str
) -> list[tuple[str, Any]]:
    return items_named(namespace, values) if kind == TargetType.ITEM else []


_TABS: Mapping[str, _Build] = {
    "rule": _rule,
    "preview": _preview,
    "effect": _effect,
    "conflicts": _conflicts,
    "history": _history,
    "approvals": _approvals,
    "traces": _traces,
}
