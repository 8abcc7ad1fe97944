from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import msgspec
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from catalog.core.event_types import EventTypeOut, Feedback
from catalog.core.faults import BadInputError
from catalog.core.wire import EventTypeIn
from catalog.models import EventType
from catalog.operations.event_types import event_types, upsert_event_types
from catalog.permissions import can, require

from .page import PageAdmin, namespace_of


@admin.register(EventType)
class EventTypeAdmin(PageAdmin[EventType]):
    def get_urls(self) -> list[URLPattern]:
        edit = self.admin_site.admin_view(self.edit)
        return [
            path("new/", edit, name="catalog_eventtype_new"),
            path("<int:number>/edit/", edit, name="catalog_eventtype_edit"),
            *super().get_urls(),
        ]

    def list_page(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        return self.page(
            request,
            "recsys/event_types.html",
            title="Event types",
            types=event_types(namespace),
            may_publish=can(request.user, "publish", namespace),
        )

    def row_page(self, request: HttpRequest, row: EventType) -> HttpResponse:
        return HttpResponseRedirect(
            reverse("admin:catalog_eventtype_edit", args=[row.type])
        )

    def edit(self, request: HttpRequest, number: int | None = None) -> HttpResponse:
        namespace = namespace_of(request)
        require(request.user, "publish", namespace)
        known = {each.type: each for each in event_types(namespace)}
        if number is not None and number not in known:
            raise Http404
        values: Mapping[str, Any] = _values(known[number]) if number is not None else {}
        error = ""
        if request.method == "POST":
            values = request.POST.dict()
            error = self._store(request, values, number=number)
            if not error:
                messages.success(
                    request, f"{values.get('name')} counts as set from now on."
                )
                return HttpResponseRedirect(
                    reverse("admin:catalog_eventtype_changelist")
                )
        return self.page(
            request,
            "recsys/event_type_form.html",
            title=f"Event type {known[number].name}"
            if number is not None
            else "New event type",
            crumbs=self.lists(),
            values=values,
            number=number,
            error=error,
            kinds=get_args(Feedback.__value__),
        )

    def _store(
        self, request: HttpRequest, sent: Mapping[str, str], *, number: int | None
    ) -> str:
        """Store what was sent; return what is wrong with it, or nothing."""
        raw = {
            "type": sent.get("type", "") if number is None else number,
            "name": sent.get("name", "").strip(),
            "weight": sent.get("weight", ""),
            "half_life_days": sent.get("half_life_days") or None,
            "is_active": "is_active" in sent,
            "feedback": sent.get("feedback") or None,
            "attribution_hours": sent.get("attribution_hours") or None,
        }
        try:
            wanted = msgspec.convert(raw, EventTypeIn, strict=False)
            upsert_event_types(namespace_of(request), [wanted], at=timezone.now())
        except (msgspec.ValidationError, BadInputError) as error:
            return str(error).replace("`", "").replace("$.", "")
        return ""


def _values(known: EventTypeOut) -> dict[str, Any]:
    return {
        "type": known.type,
        "name": known.name,
        "weight": f"{known.weight:g}",
        "half_life_days": f"{known.half_life_days:g}" if known.half_life_days else "",
        "is_active": known.is_active,
        "feedback": known.feedback,
        "attribution_hours": f"{known.attribution_hours:g}"
        if known.attribution_hours
        else "",
    }
