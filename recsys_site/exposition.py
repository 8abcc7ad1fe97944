"""/metrics: of every process of this host, and of what none of them counts."""

from __future__ import annotations

import os

from django.http import HttpRequest, HttpResponse
from django.views import View
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from audit import metrics as audit_metrics
from rules import alert_tally

from . import platform_metrics

# Where the processes of a host leave their counts for each other (settings.py).
SHARED = "PROMETHEUS_MULTIPROC_DIR"


class Metrics(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        content = generate_latest(_Platform())
        if not os.environ.get(SHARED):
            content = generate_latest(REGISTRY) + content
        return HttpResponse(content, content_type=CONTENT_TYPE_LATEST)


class _Platform(CollectorRegistry):
    """What is to be told beside, or instead of, this process's own counts."""

    def __init__(self) -> None:
        super().__init__(auto_describe=False)
        platform_metrics.register(self)
        if os.environ.get(SHARED):
            MultiProcessCollector(self)  # type: ignore[no-untyped-call]
            # Read from files, so that every process would tell the same.
            audit_metrics.register(self)
            alert_tally.register(self)
