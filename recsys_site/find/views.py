from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .things import find

_SHORTEST = 2


def found(request: HttpRequest) -> HttpResponse:
    """Answer with the options of the palette's list."""
    words = request.GET.get("s", "").strip()
    namespace = getattr(request, "namespace", None)
    groups = (
        find(words, namespace=namespace, staff=request.user)
        if len(words) >= _SHORTEST
        else []
    )
    return render(request, "recsys/found.html", {"groups": groups})
