from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from .pictures import draw

_FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def picture(
    request: HttpRequest, *, shape: str, category: str, tone: str
) -> HttpResponse:
    return HttpResponse(
        draw(shape, category=category, tone=tone),
        content_type="image/svg+xml",
        headers={"Cache-Control": _FOR_EVER},
    )


urlpatterns: list[URLPattern] = [
    path(
        "media/items/<slug:shape>/<str:category>-<str:tone>.svg",
        picture,
        name="item-picture",
    ),
]
