from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from catalog.admin.page import namespace_of

from .days import StillCountingError
from .figures import DAYS, figures
from .page import read_today

_PATIENCE_SECONDS = 0.15


def today(request: HttpRequest, context: Mapping[str, Any]) -> HttpResponse:
    if getattr(request, "namespace", None) is None:
        context = {**context, "title": "No namespace"}
        return render(request, "recsys/no_namespace.html", context)
    found = read_today(request, at=timezone.now())
    return render(
        request, "recsys/today.html", {**context, "title": "Today", "today": found}
    )


def today_figures(request: HttpRequest) -> HttpResponse:
    """Answer with the figures, or with how far they are, to be asked again."""
    give_up = time.monotonic() + _PATIENCE_SECONDS
    try:
        found = figures(
            namespace_of(request),
            at=timezone.now(),
            is_late=lambda: time.monotonic() > give_up,
        )
    except StillCountingError as error:
        context = {"days_left": error.days_left, "days": DAYS}
        return render(request, "recsys/today_counting.html", context)
    return render(
        request, "recsys/today_figures.html", {"figures": found, "days": DAYS}
    )
