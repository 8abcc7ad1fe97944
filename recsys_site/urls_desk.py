"""Everything: the API, its documentation, the admin."""

from __future__ import annotations

from django.contrib import admin
from django.urls import path

from audit.urls import urlpatterns as audit_routes
from catalog.urls import urlpatterns as catalog_routes
from ranking.urls import urlpatterns as ranking_routes
from rules.urls import urlpatterns as rules_routes
from simulations.urls import urlpatterns as simulations_routes
from tuning.urls import urlpatterns as tuning_routes

from . import urls_serve
from .api import UsersDelete
from .exposition import Metrics
from .health import Health, Version
from .schema import Redoc, Schema, Swagger, redoc_script

urlpatterns = [
    *urls_serve.urlpatterns,
    *catalog_routes,
    *audit_routes,
    # Before ranking and rules: the name of an experiment, or the id of a change set,
    # would swallow what follows it.
    *simulations_routes,
    *tuning_routes,
    # Its dry run stands where a rule's id would.
    *ranking_routes,
    *rules_routes,
    path("v1/users:delete", UsersDelete.as_view(), name="users-delete"),
    path("health", Health.as_view(), name="health"),
    path("version", Version.as_view(), name="version"),
    path("metrics", Metrics.as_view(), name="metrics"),
    path("schema", Schema.as_view(), name="schema"),
    path("docs", Swagger.as_view(url_name="schema"), name="docs"),
    path("redoc", Redoc.as_view(url_name="schema"), name="redoc"),
    path("redoc.js", redoc_script, name="redoc-script"),
    path("admin/", admin.site.urls),
]
handler400 = urls_serve.handler400
handler403 = urls_serve.handler403
handler404 = urls_serve.handler404
handler500 = urls_serve.handler500
