"""What the page of a trace shows: at three depths, and the list that is chosen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from msgspec import json

from audit.core.record import Trace
from audit.models import Decision
from catalog.admin.page import namespace_of
from catalog.models import Item
from catalog.permissions import can

from . import words
from .json_form import trace_json
from .rules_told import rules_told
from .trace_summary import facts_of_sources, rules_in_short, summary
from .trace_view import (
    answer_numbers,
    drop_reasons,
    dropped,
    dropped_numbers,
    not_reached,
    shown,
    stages,
)
from .waterfall import explain

DEPTHS = {"summary": "Summary", "steps": "Steps", "all": "Everything"}
REPLAYS = {"then": "Replay then", "now": "Replay now", "rules_off": "Rules off"}
_TABS = ("result", "dropped", "not-reached", "sources", "rules")
_MOST_DROPS = 100
_LONGEST_ID = 256


def depth_of(request: HttpRequest) -> str:
    asked = request.GET.get("depth", "")
    return asked if asked in DEPTHS else "steps"


def traced(request: HttpRequest, decision: Decision, trace: Trace) -> dict[str, Any]:
    """Return what the page shows of a trace that was kept."""
    tab = request.GET.get("tab", "")
    tab = tab if tab in _TABS else _TABS[0]
    code, stage = request.GET.get("reason", ""), request.GET.get("stage", "")
    asked_id = request.GET.get("ask", "").strip()[:_LONGEST_ID]
    asked = _asked(request, asked_id)
    chosen = asked.pk if asked else _number(request.GET.get("item", ""))
    pairs = dropped_numbers(trace.drops, code=code, stage=stage, most=_MOST_DROPS)
    items = Item.objects.in_bulk(
        _needed(trace, tab=tab, dropped=[n for n, _ in pairs], chosen=chosen)
    )
    rules, answer = rules_told(trace), shown(trace, items)
    reasons = drop_reasons(trace.drops, stage=stage)
    return {
        "tab": tab,
        "stage": stage,
        "stages": stages(trace),
        "shown": answer,
        "rules": rules,
        "rules_in_short": rules_in_short(rules),
        "summary": summary(decision, trace, shown=answer, rules=rules),
        "sources": facts_of_sources(trace),
        "drop_reasons": reasons,
        "drop_code": code,
        "dropped": dropped(pairs, items),
        "dropped_count": sum(each.count for each in drop_reasons(trace.drops)),
        "dropped_here": sum(e.count for e in reasons if code in ("", e.code)),
        "not_reached": not_reached(trace, items),
        "why": explain(trace, chosen) if chosen else None,
        "why_item": items.get(chosen) if chosen else None,
        "asked_id": asked_id,
        "asked": asked,
        "asked_drop": _drop_of(trace, chosen),
        "may_edit": can(request.user, "edit", namespace_of(request)),
        **(_everything(decision, trace) if depth_of(request) == "all" else {}),
    }


def _everything(decision: Decision, trace: Trace) -> dict[str, Any]:
    return {
        "layers": [
            (name, _as_sent(value), trace.layers.get(name, ""))
            for name, value in trace.knobs.items()
        ],
        "policy": [(words.plain(name), n) for name, n in trace.policy.items()],
        "json": trace_json(decision, trace).decode(),
    }


def _as_sent(value: object) -> object:
    """Return a document of a knob as the API takes it."""
    return json.encode(value).decode() if isinstance(value, dict | list) else value


def _needed(
    trace: Trace, *, tab: str, dropped: Iterable[int], chosen: int | None
) -> set[int]:
    """Return the numbers of the items whose pictures this page shows."""
    needed = set(answer_numbers(trace))
    if tab == "dropped":
        needed |= set(dropped)
    if tab == "not-reached" and trace.candidates:
        needed |= set(trace.candidates["number"].tolist())
    return needed | ({chosen} if chosen else set())


def told_by_trace(trace: Trace | None, number: int) -> str:
    """Say of an item what was kept when it was answered; nothing is given again."""
    if trace is None:
        return ""
    if drop := _drop_of(trace, number):
        return drop
    why = explain(trace, number)
    if why is not None:
        return why.sentence
    return "The trace does not hold it: it was no candidate, or not among the best 200."


def _drop_of(trace: Trace, number: int | None) -> str:
    pairs = dict(dropped_numbers(trace.drops, most=10**9)) if number else {}
    code = pairs.get(number or 0)
    return words.drop(code) if code else ""


def _asked(request: HttpRequest, item_id: str) -> Item | None:
    if not item_id:
        return None
    return Item.objects.filter(namespace=namespace_of(request), item_id=item_id).first()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
