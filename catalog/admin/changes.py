from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from catalog.models import Change, ChangeKind

from .facets import facet
from .lists import newest_first
from .page import PageAdmin


@admin.register(Change)
class ChangeAdmin(PageAdmin[Change]):
    def list_page(self, request: HttpRequest) -> HttpResponse:
        changes = self.get_queryset(request).defer("rows", "ids")
        if kind := request.GET.get("kind"):
            changes = changes.filter(kind=kind)
        return self.page(
            request,
            "recsys/changes.html",
            title="Changes",
            page=newest_first(changes, moment="at", after=request.GET.get("after", "")),
            facets=[
                facet(
                    "kind", "Kind", dict(ChangeKind.choices), asked=request.GET.dict()
                )
            ],
        )
