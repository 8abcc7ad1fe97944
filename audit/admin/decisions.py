from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from audit.models import Decision
from audit.queries import get_decision, get_private, list_decisions, open_trace_of
from catalog.admin.lists import PAGE_SIZE
from catalog.admin.page import PageAdmin, namespace_of
from catalog.admin.recent import remember
from catalog.models import Item, User
from catalog.permissions import can

from . import drop_searches, words
from .decision_filter import filter_of, unreadable, uuid_of
from .exposure import exposure_of
from .json_form import trace_json
from .trace_page import DEPTHS, REPLAYS, depth_of, traced

_PICTURES = 4
_SAME_MOMENT = timedelta(seconds=1)


@admin.register(Decision)
class DecisionAdmin(PageAdmin[Decision]):
    list_title = "Traces"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("item/<int:number>/", view(self.exposure), name="audit_item_exposure"),
            path(
                "drops/",
                view(require_POST(drop_searches.start)),
                name="audit_drop_search",
            ),
            path("drops/<uuid:key>/", view(self.drops), name="audit_drops"),
            path("<uuid:key>/json/", view(self.as_json), name="audit_decision_json"),
            *super().get_urls(),
        ]

    def list_page(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        asked = request.GET.dict()
        chosen = filter_of(namespace, asked, at=timezone.now())
        page = list_decisions(
            namespace, chosen, limit=PAGE_SIZE, before=uuid_of(asked.get("after", ""))
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
            since=chosen.since,
            unreadable=unreadable(asked),
            may_search=can(request.user, "edit", namespace),
        )

    def find_decision(self, request: HttpRequest, key: str) -> Decision:
        self.require_view(request)
        wanted = uuid_of(key)
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
            depth=depth_of(request),
            depths=DEPTHS.items(),
            replays=REPLAYS.items(),
            replay=request.GET.get("replay", ""),
            is_as_of=abs(decision.at - decision.answered_at) > _SAME_MOMENT,
            degraded=[words.degradation(code) for code in decision.degraded],
            shopper=self._shopper(request, decision),
            **(traced(request, decision, trace) if trace else {}),
        )

    def _shopper(self, request: HttpRequest, decision: Decision) -> User | None:
        """Return who it was, for those who may know: operators and above."""
        if not can(request.user, "operate", namespace_of(request)):
            return None
        private = get_private(decision)
        if private is None or private.user_number is None:
            return None
        return User.objects.filter(pk=private.user_number).first()

    def as_json(self, request: HttpRequest, key: UUID) -> HttpResponse:
        decision = self.find_decision(request, str(key))
        trace = open_trace_of(decision)
        content = trace_json(decision, trace)
        return HttpResponse(content, content_type="application/json")

    def drops(self, request: HttpRequest, key: UUID) -> HttpResponse:
        """Show a search for an item that was dropped."""
        self.require_view(request)
        run = drop_searches.find_run(request, key)
        return self.page(
            request,
            "recsys/drops.html",
            title=f"Where {run.parameters['item_id']} was dropped",
            crumbs=self.lists(),
            **drop_searches.told(run),
        )

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
