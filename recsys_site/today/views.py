from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from catalog.admin.page import namespace_of

from .figures import DAYS, figures
from .page import read_today


def today(request: HttpRequest, context: Mapping[str, Any]) -> HttpResponse:
    if getattr(request, "namespace", None) is None:
        context = {**context, "title": "No namespace"}
        return render(request, "recsys/no_namespace.html", context)
    found = read_today(request, at=timezone.now())
    return render(
        request, "recsys/today.html", {**context, "title": "Today", "today": found}
    )


def today_figures(request: HttpRequest) -> HttpResponse:
    found = figures(namespace_of(request), at=timezone.now())
    return render(
        request, "recsys/today_figures.html", {"figures": found, "days": DAYS}
    )
