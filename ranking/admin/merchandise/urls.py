"""Addresses of the Merchandise page inside an admin site."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_POST

from . import details, saving, views

_STEPS = {
    "panes": require_POST(views.panes),
    "search": require_POST(details.search),
    "why": require_POST(details.why),
    "elsewhere": require_GET(details.elsewhere),
    "presence": require_GET(views.presence),
    "save": require_POST(saving.save),
    "check": require_POST(saving.check),
    "submit": require_POST(saving.submit),
}


def merchandise_urls(site: AdminSite) -> list[URLPattern]:
    view = site.admin_view
    return [
        path("merchandise/", view(require_GET(views.page)), name="merchandise"),
        *(
            path(f"merchandise/{step}/", view(found), name=f"merchandise_{step}")
            for step, found in _STEPS.items()
        ),
    ]
