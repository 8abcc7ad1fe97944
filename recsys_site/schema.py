"""The OpenAPI schema and the two readers of it, without inline scripts."""

from __future__ import annotations

from drf_spectacular.views import (
    SpectacularAPIView,
    SpectacularRedocView,
    SpectacularSwaggerSplitView,
)


class Schema(SpectacularAPIView):
    """The schema as OpenAPI 3.1, YAML."""


class Swagger(SpectacularSwaggerSplitView):
    template_name = "recsys/swagger.html"


class Redoc(SpectacularRedocView):
    template_name = "recsys/redoc.html"
