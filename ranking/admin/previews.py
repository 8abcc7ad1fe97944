"""Fragments that show what somebody would be served: of a user, of an item."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from catalog.admin.page import namespace_of
from catalog.core.preview_as import NAMES, read_preview
from catalog.models import Item, Namespace, User
from catalog.permissions import require
from ranking.core.knobs import KnobError
from ranking.models import Segment
from ranking.serve import NothingToServeError

from .visitors import surfaces_of, visitor_of
from .would_see import would_see
from .would_stand import standing_of
from .written_rules import stored_rule, written_rule

_MOST_SEGMENTS = 200
# Of an address, what belongs to it and to no form.
_OWN = {*NAMES, "as_user", "path", "ns", "after"}

type View = Callable[..., HttpResponse]


def preview_urls(site: admin.AdminSite) -> list[URLPattern]:
    return [
        path(route, site.admin_view(view), name=name)
        for route, view, name in (
            (
                "user/<int:number>/preview/",
                require_GET(of_user),
                "ranking_user_preview",
            ),
            (
                "item/<int:number>/standing/",
                require_GET(of_item),
                "ranking_item_standing",
            ),
            ("preview-as/", require_GET(form), "ranking_preview_as"),
            ("rule-written/", require_POST(written_rule), "ranking_rule_written"),
            ("rule/<uuid:key>/page/", require_GET(stored_rule), "ranking_rule_page"),
        )
    ]


def of_user(request: HttpRequest, number: int) -> HttpResponse:
    namespace = _namespace(request)
    user = User.objects.filter(namespace=namespace, pk=number).first()
    if user is None:
        raise Http404
    asked = read_preview(request.GET.dict())
    shown: dict[str, Any] = {"views": [], "asked": asked}
    try:
        shown["views"] = would_see(namespace, user, asked=asked, now=timezone.now())
    except (NothingToServeError, KnobError) as error:
        shown["fault"] = str(error)
    return render(request, "recsys/would_see.html", shown)


def of_item(request: HttpRequest, number: int) -> HttpResponse:
    namespace = _namespace(request)
    item = Item.objects.filter(namespace=namespace, pk=number).first()
    if item is None:
        raise Http404
    asked = read_preview(request.GET.dict())
    visitor = visitor_of(asked, namespace, now=timezone.now())
    shown: dict[str, Any] = {"asked": asked, "visitor": visitor}
    try:
        shown["standing"] = standing_of(item, visitor)
    except (NothingToServeError, KnobError) as error:
        shown["fault"] = str(error)
    return render(request, "recsys/would_stand.html", shown)


def form(request: HttpRequest) -> HttpResponse:
    """Answer with the fields of "Preview as", which send to the page they lie on."""
    namespace = _namespace(request)
    sent = request.GET.dict()
    asked = read_preview(sent)
    page = sent.get("path", "")
    active = Segment.objects.filter(namespace=namespace, active=True)
    segments = active.order_by("-priority", "segment_id")[:_MOST_SEGMENTS]
    return render(
        request,
        "recsys/preview_as.html",
        {
            "asked": asked,
            "path": page if page.startswith("/admin/") else "",
            "others": [pair for pair in sent.items() if pair[0] not in _OWN],
            "surfaces": _with(asked.surface, surfaces_of(namespace)),
            "segments": _with(asked.segment, [each.segment_id for each in segments]),
        },
    )


def _with(chosen: str | None, known: Any) -> list[str]:
    return list(dict.fromkeys([*known, *([chosen] if chosen else [])]))


def _namespace(request: HttpRequest) -> Namespace:
    namespace = namespace_of(request)
    try:
        require(request.user, "view", namespace)
    except PermissionDenied:
        raise Http404 from None
    return namespace
