from __future__ import annotations

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse

from catalog.models import Event, Item, User

from .event_reads import happenings, type_names
from .facets import facet
from .lists import count, newest_first
from .page import PageAdmin, is_narrowed, namespace_of


@admin.register(Event)
class EventAdmin(PageAdmin[Event]):
    def find(self, request: HttpRequest, key: str) -> Event:
        """Find none: events have no pages, and no index by which to look one up."""
        self.require_view(request)
        raise Http404(f"Event {key} has no page of its own.")

    def list_page(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        asked = request.GET.dict()
        everything = Event.objects.filter(namespace=namespace)
        events = everything
        if (kind := asked.get("type", "")).isdigit():
            events = events.filter(type=int(kind))
        if user_id := asked.get("user"):
            users = User.objects.filter(namespace=namespace, user_id=user_id)
            events = events.filter(user__in=list(users))
        if item_id := asked.get("item"):
            items = Item.objects.filter(namespace=namespace, item_id=item_id)
            events = events.filter(item__in=list(items))
        page = newest_first(
            events,
            moment="ts",
            after=asked.get("after", ""),
            among=everything if is_narrowed(request) else None,
        )
        names = {str(number): name for number, name in type_names(namespace).items()}
        return self.page(
            request,
            "recsys/events.html",
            title="Events",
            page=page,
            happenings=happenings(namespace, page.rows),
            facets=[facet("type", "Type", names, asked=asked)],
            count=count(events) if page.is_first else None,
        )
