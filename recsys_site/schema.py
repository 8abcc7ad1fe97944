"""The OpenAPI schema and the two readers of it, without inline scripts."""

from __future__ import annotations

from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import (
    SpectacularAPIView,
    SpectacularRedocView,
    SpectacularSwaggerSplitView,
)

# Of the empty text: ReDoc makes empty style elements and fills them by script, which
# the policy allows for everything that 'self' may run.
_EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"


class Schema(SpectacularAPIView):
    """The schema as OpenAPI 3.1, YAML."""


class Swagger(SpectacularSwaggerSplitView):
    template_name = "recsys/swagger.html"


@method_decorator(csp_update({"style-src": [_EMPTY_STYLE]}), name="dispatch")
class Redoc(SpectacularRedocView):
    template_name = "recsys/redoc.html"
