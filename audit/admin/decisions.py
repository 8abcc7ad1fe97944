from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone

from audit.core.record import Trace
from audit.models import Decision
from audit.pseudonyms import hashes_of
from audit.queries import (
    DecisionFilter,
    get_decision,
    get_private,
    list_decisions,
    open_trace_of,
)
from catalog.admin.lists import PAGE_SIZE
from catalog.admin.page import PageAdmin, namespace_of
from catalog.admin.recent import remember
from catalog.models import Item, Namespace, User
from catalog.permissions import can

from . import words
from .exposure import exposure_of
from .json_form import trace_json
from .moments import local_moment
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

_TABS = ("result", "dropped", "not-reached")
_MOST_DROPS = 100
_PICTURES = 4
_SAME_MOMENT = timedelta(seconds=1)


@admin.register(Decision)
class DecisionAdmin(PageAdmin[Decision]):
    list_title = "Traces"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("item/<int:number>/", view(self.exposure), name="audit_item_exposure"),
            path("<uuid:key>/json/", view(self.as_json), name="audit_decision_json"),
            *super().get_urls(),
        ]

    def list_page(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        asked = request.GET.dict()
        page = list_decisions(
            namespace,
            _filter(namespace, asked),
            limit=PAGE_SIZE,
            before=_id(asked.get("after", "")),
        )
        items = Item.objects.in_bulk(
            {number for each in page.decisions for number in each.items[:_PICTURES]}
        )
        return self.page(
            request,
            "recsys/traces.html",
            title="Traces",
            page=page,
            rows=[
                (each, [items[n] for n in each.items[:_PICTURES] if n in items])
                for each in page.decisions
            ],
            after=page.next_before or "",
            asked=asked,
        )

    def find_decision(self, request: HttpRequest, key: str) -> Decision:
        self.require_view(request)
        wanted = _id(key)
        decision = get_decision(wanted) if wanted else None
        if decision is None or decision.namespace_id != namespace_of(request).pk:
            raise Http404(f"No decision {key} in this namespace.")
        return decision

    def change_view(
        self, request: HttpRequest, object_id: str, *_: object, **__: object
    ) -> HttpResponse:
        decision = self.find_decision(request, object_id)
        trace = open_trace_of(decision)
        remember(request, title=_title(decision), kind="trace")
        return self.page(
            request,
            "recsys/trace_page.html",
            title=_title(decision),
            crumbs=self.lists(),
            decision=decision,
            trace=trace,
            is_as_of=abs(decision.at - decision.answered_at) > _SAME_MOMENT,
            degraded=[words.degradation(code) for code in decision.degraded],
            shopper=self._shopper(request, decision),
            **(self._traced(request, trace) if trace else {}),
        )

    def _shopper(self, request: HttpRequest, decision: Decision) -> User | None:
        """Return who it was, for those who may know: operators and above."""
        if not can(request.user, "operate", namespace_of(request)):
            return None
        private = get_private(decision)
        if private is None or private.user_number is None:
            return None
        return User.objects.filter(pk=private.user_number).first()

    def _traced(self, request: HttpRequest, trace: Trace) -> dict[str, object]:
        tab = request.GET.get("tab", "")
        tab = tab if tab in _TABS else _TABS[0]
        code = request.GET.get("reason", "")
        pairs = dropped_numbers(trace.drops, code=code, most=_MOST_DROPS)
        asked_id = request.GET.get("ask", "").strip()
        asked = _asked(request, asked_id)
        chosen = asked.pk if asked else _number(request.GET.get("item", ""))
        items = Item.objects.in_bulk(
            _needed(trace, tab=tab, dropped=[n for n, _ in pairs], chosen=chosen)
        )
        return {
            "tab": tab,
            "stages": stages(trace),
            "shown": shown(trace, items),
            "drop_reasons": drop_reasons(trace.drops),
            "drop_code": code,
            "dropped": dropped(pairs, items),
            "dropped_count": len(trace.drops.columns["number"])
            if trace.drops.columns
            else 0,
            "not_reached": not_reached(trace, items),
            "why": explain(trace, chosen) if chosen else None,
            "why_item": items.get(chosen) if chosen else None,
            "asked_id": asked_id,
            "asked": asked,
            "asked_drop": _drop_of(trace, chosen),
            "layers": [
                (name, value, trace.layers.get(name, ""))
                for name, value in trace.knobs.items()
            ],
        }

    def as_json(self, request: HttpRequest, key: UUID) -> HttpResponse:
        decision = self.find_decision(request, str(key))
        trace = open_trace_of(decision)
        content = trace_json(decision, trace)
        return HttpResponse(content, content_type="application/json")

    def exposure(self, request: HttpRequest, number: int) -> HttpResponse:
        self.require_view(request)
        namespace = namespace_of(request)
        item = Item.objects.filter(namespace=namespace, pk=number).first()
        if item is None:
            raise Http404
        found = exposure_of(namespace, number, at=timezone.now())
        context = {"exposure": found, "item_id": item.item_id}
        return render(request, "recsys/item_exposure.html", context)


def _title(decision: Decision) -> str:
    where = (decision.surface or decision.route).capitalize()
    who = (
        f"for segment {decision.segment}"
        if decision.segment
        else ("for a known user" if decision.user_hash else "for an anonymous visitor")
    )
    count = len(decision.items)
    items = f"{count} item{'' if count == 1 else 's'}"
    return f"{where} {who}, {items} in {words.milliseconds(decision.latency_us)}"


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


def _drop_of(trace: Trace, number: int | None) -> str:
    pairs = dict(dropped_numbers(trace.drops, code="", most=10**9))
    code = pairs.get(number or 0)
    return words.drop(code) if code else ""


def _asked(request: HttpRequest, item_id: str) -> Item | None:
    if not item_id:
        return None
    return Item.objects.filter(namespace=namespace_of(request), item_id=item_id).first()


def _filter(namespace: Namespace, asked: Mapping[str, str]) -> DecisionFilter:
    user_id = asked.get("user", "").strip()
    item_id = asked.get("item", "").strip()
    hashes = hashes_of(namespace.org_id, namespace_id=namespace.pk, user_id=user_id)
    item = (
        Item.objects.filter(namespace=namespace, item_id=item_id).first()
        if item_id
        else None
    )
    return DecisionFilter(
        since=local_moment(asked.get("since", ""), namespace),
        until=local_moment(asked.get("until", ""), namespace),
        user_hashes=hashes if user_id else None,
        item_number=(item.pk if item else 0) if item_id else None,
        rule_id=_id(asked.get("rule", "")),
        surface=asked.get("surface") or None,
        segment=asked.get("segment") or None,
        request_id=asked.get("request") or None,
        degraded=True if asked.get("degraded") else None,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
