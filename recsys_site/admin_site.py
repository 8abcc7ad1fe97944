"""The admin site of the product: Django's admin in our frame, with Today and Find."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csp.decorators import csp_update
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from unfold.sites import UnfoldAdminSite

from .content_security import ADMIN_ADDITIONS
from .frame import build_frame
from .palette import find
from .today import read_today

_SHORTEST_SEARCH = 2


class RecsysAdminSite(UnfoldAdminSite):
    """Django's admin in the product's frame."""

    enable_nav_sidebar = False
    index_template = "recsys/today.html"

    def admin_view(
        self, view: Callable[..., HttpResponse], cacheable: bool = False  # noqa: FBT001, FBT002
    ) -> Callable[..., HttpResponse]:
        allowed = csp_update(ADMIN_ADDITIONS)(view)
        return super().admin_view(allowed, cacheable)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        if not isinstance(request.user, AnonymousUser):
            context["frame"] = build_frame(request)
        return context

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG002
        return []  # Our own frame draws the menu.

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        namespace = getattr(request, "namespace", None)
        context = {**self.each_context(request), **(extra_context or {}), "title": "Today"}
        if namespace is None:
            return render(request, "recsys/no_namespace.html", context)
        today = read_today(request.user, namespace, at=timezone.now())
        return render(request, "recsys/today.html", context | {"today": today})

    def search(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None  # noqa: ARG002
    ) -> HttpResponse:
        words = request.GET.get("s", "").strip()
        namespace = getattr(request, "namespace", None)
        groups = (
            find(words, namespace=namespace, staff=request.user)
            if len(words) >= _SHORTEST_SEARCH
            else []
        )
        return render(request, "recsys/found.html", {"groups": groups})
