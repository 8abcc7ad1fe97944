from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from catalog.operations import runs


@shared_task(name="catalog.tasks.execute_run")
def execute_run(*, run_id: str, org_id: str, **_ignored: object) -> None:
    limit = runs.TimeLimit(
        soft=settings.CELERY_TASK_SOFT_TIME_LIMIT, hard=settings.CELERY_TASK_TIME_LIMIT
    )
    runs.execute(UUID(run_id), org_id=UUID(org_id), clock=timezone.now, limit=limit)


@shared_task(name="catalog.tasks.resend_unclaimed_runs")
def resend_unclaimed_runs(**_ignored: object) -> None:
    runs.resend_unclaimed(at=timezone.now())
