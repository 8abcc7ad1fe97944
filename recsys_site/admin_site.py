"""The admin site of the product: Django's admin in our frame, with Today and Find."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csp.decorators import csp_update
from django.contrib.admin import autodiscover
from django.core.checks import CheckMessage
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.module_loading import import_string
from unfold.sites import UnfoldAdminSite

from .content_security import ADMIN_ADDITIONS
from .frame import build_frame

# By name: these modules import admin pages, which register with this site.
_TODAY = "recsys_site.today.views.today"
_FIGURES = "recsys_site.today.views.today_figures"
_FIND = "recsys_site.find.views.found"
_MERCHANDISE = "ranking.admin.merchandise.urls.merchandise_urls"


class RecsysAdminSite(UnfoldAdminSite):
    """Django's admin in the product's frame."""

    enable_nav_sidebar = False

    def get_urls(self) -> list[URLResolver | URLPattern]:
        autodiscover()
        figures = path("figures/", self.admin_view(self.figures), name="today_figures")
        merchandise = import_string(_MERCHANDISE)(self)
        return [figures, *merchandise, *super().get_urls()]

    def check(self, app_configs: Any) -> list[CheckMessage]:
        autodiscover()
        return super().check(app_configs)

    def admin_view(
        self,
        view: Callable[..., HttpResponse],
        cacheable: bool = False,  # noqa: FBT001, FBT002
    ) -> Callable[..., HttpResponse]:
        allowed = csp_update(ADMIN_ADDITIONS)(view)
        return super().admin_view(allowed, cacheable)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        if request.user.is_authenticated:
            context["frame"] = build_frame(request)
        return context

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        return []  # Our own frame draws the menu.

    def index(
        self,
        request: HttpRequest,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {**self.each_context(request), **(extra_context or {})}
        return import_string(_TODAY)(request, context)

    def figures(self, request: HttpRequest) -> HttpResponse:
        return import_string(_FIGURES)(request)

    def search(
        self,
        request: HttpRequest,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return import_string(_FIND)(request)
