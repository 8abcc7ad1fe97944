"""The OpenAPI schema and the two readers of it, without inline scripts."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from csp.decorators import csp_update
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from drf_spectacular.views import (
    SpectacularAPIView,
    SpectacularRedocView,
    SpectacularSwaggerSplitView,
)

# What ReDoc writes into style elements: nothing, filled by script later, which the
# policy allows for all that 'self' may run; and the rules of its scroll bars. The
# browser tests refuse a ReDoc that writes anything else.
_STYLES = [
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
]
_BUNDLE = "drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js"
_FOREIGN_LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg"
_NO_PICTURE = "data:,"


class Schema(SpectacularAPIView):
    """The schema as OpenAPI 3.1, YAML."""


class Swagger(SpectacularSwaggerSplitView):
    template_name = "recsys/swagger.html"


@method_decorator(csp_update({"style-src": _STYLES}), name="dispatch")
class Redoc(SpectacularRedocView):
    template_name = "recsys/redoc.html"


@cache_control(max_age=3600)
def redoc_script(_request: HttpRequest) -> HttpResponse:
    """Answer with ReDoc as it was packaged, less the picture from another host."""
    return HttpResponse(redoc_bundle(), content_type="text/javascript; charset=utf-8")


@cache
def redoc_bundle() -> str:
    path = finders.find(_BUNDLE)
    assert path, f"{_BUNDLE} comes with drf-spectacular-sidecar"
    return Path(path).read_text().replace(_FOREIGN_LOGO, _NO_PICTURE)
