"""The yardstick: a Django view that parses JSON, answers 20 items and does no more."""

from __future__ import annotations

import json
import os

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
os.environ["RECSYS_PROCESS"] = "serve"


def answer(request: HttpRequest) -> HttpResponse:
    """Answer 20 made-up items."""
    k = json.loads(request.body).get("k", 20)
    items = [{"item_id": f"item_{i:04}", "score": 1 / (i + 1)} for i in range(k)]
    return HttpResponse(json.dumps({"items": items}), content_type="application/json")


urlpatterns = [path("v1/recommendations", answer)]

settings.ROOT_URLCONF = __name__
settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
django.setup(set_prefix=False)
application = WSGIHandler()
