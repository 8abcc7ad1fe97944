"""The Celery application: `celery -A recsys_site worker`."""

from __future__ import annotations

import logging
import os
from typing import Any

import structlog
from celery import Celery, Task, bootsteps
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
# Workers and beat would load every page and route, and not look at what is found.
os.environ.setdefault("CELERY_SKIP_CHECKS", "yes")

log = logging.getLogger(__name__)

_REQUEST_ID = "request_id"
_ON_THIS_DISK = ("RECSYS_FILES_ROOT", "RECSYS_AUDIT_KEY")
_QUEUES_WITH_FILES = frozenset({"builds", "bulk"})


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


class TellOfThisDisk(bootsteps.StartStopStep):
    """Say what is this machine's own, where others may need to have the same."""

    def start(self, parent: Any) -> None:
        taken = _QUEUES_WITH_FILES & set(parent.app.amqp.queues.consume_from)
        own = [name for name in _ON_THIS_DISK if not os.environ.get(name)]
        if taken and own and os.environ.get("DATABASE_URL"):
            log.warning(
                "This worker takes %s, and its files in %s and its audit key are as "
                "this machine alone has them. If desk and serve run on another, set %s "
                "to what they have, or take what needs neither: "
                "--queues tuning,celery.",
                " and ".join(sorted(taken)),
                settings.FILES_ROOT,
                " and ".join(own),
            )


app = Celery("recsys", task_cls=TracedTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(TellOfThisDisk)
app.autodiscover_tasks()
