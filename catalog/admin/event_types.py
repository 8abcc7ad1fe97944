from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from catalog.models import EventType
from catalog.permissions import can

from .event_reads import types_in_force
from .page import PageAdmin, namespace_of


@admin.register(EventType)
class EventTypeAdmin(PageAdmin[EventType]):
    def list_page(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        return self.page(
            request,
            "recsys/event_types.html",
            title="Event types",
            types=types_in_force(namespace),
            may_publish=can(request.user, "publish", namespace),
        )
