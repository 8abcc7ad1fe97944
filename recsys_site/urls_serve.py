"""The hot routes: what `serve` answers, and `desk` too."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from audit.hot_urls import urlpatterns as audit_routes
from catalog.hot_urls import urlpatterns as catalog_routes
from ranking.hot_urls import urlpatterns as ranking_routes

from .health import Live, Ready

urlpatterns: list[URLPattern | URLResolver] = [
    *audit_routes,
    *catalog_routes,
    *ranking_routes,
    path("livez", Live.as_view(), name="livez"),
    path("readyz", Ready.as_view(), name="readyz"),
]
handler400 = "recsys_site.failures.bad_request"
handler403 = "recsys_site.failures.forbidden"
handler404 = "recsys_site.failures.not_found"
handler500 = "recsys_site.failures.server_error"
