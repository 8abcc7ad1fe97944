"""The Celery application: `celery -A recsys_site worker`."""

from __future__ import annotations

import os
from typing import Any

import structlog
from celery import Celery, Task

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
# Workers and beat would load every page and route, and not look at what is found.
os.environ.setdefault("CELERY_SKIP_CHECKS", "yes")

_REQUEST_ID = "request_id"


class TracedTask(Task):  # type: ignore[type-arg]
    """A task whose log lines carry the id of the request that sent it."""

    def apply_async(self, *args: Any, **options: Any) -> Any:
        known = structlog.contextvars.get_contextvars()
        if _REQUEST_ID in known:
            headers = options.get("headers") or {}
            options["headers"] = {_REQUEST_ID: known[_REQUEST_ID], **headers}
        return super().apply_async(*args, **options)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        headers = self.request.headers or {}
        request_id = headers.get(_REQUEST_ID) or self.request.id
        with structlog.contextvars.bound_contextvars(
            request_id=request_id, task=self.name
        ):
            return super().__call__(*args, **kwargs)


app = Celery("recsys", task_cls=TracedTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
