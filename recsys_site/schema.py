"""The OpenAPI schema and the two readers of it, without inline scripts."""

from __future__ import annotations

from drf_spectacular.views import (
    SpectacularAPIView,
    SpectacularRedocView,
    SpectacularSwaggerSplitView,
)


class Schema(SpectacularAPIView):  # type: ignore[misc]
    """The schema as OpenAPI 3.1, YAML."""


class Swagger(SpectacularSwaggerSplitView):  # type: ignore[misc]
    template_name = "recsys/swagger.html"


class Redoc(SpectacularRedocView):  # type: ignore[misc]
    template_name = "recsys/redoc.html"
