from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from audit import operations
from audit.operations import feedback


@shared_task(name="audit.tasks.keep_partitions", queue="bulk")
def keep_partitions(**_ignored: object) -> None:
    operations.keep_partitions(today=timezone.now().date())


@shared_task(name="audit.tasks.drop_expired", queue="bulk")
def drop_expired(**_ignored: object) -> None:
    operations.drop_expired(at=timezone.now())


@shared_task(name="audit.tasks.keep_feedback", queue="bulk")
def keep_feedback(**_ignored: object) -> None:
    feedback.keep_feedback(at=timezone.now())


@shared_task(name="audit.tasks.purge_feedback", queue="bulk")
def purge_feedback(**_ignored: object) -> None:
    feedback.purge_feedback(at=timezone.now())


@shared_task(name="audit.tasks.purge_erasures", queue="bulk")
def purge_erasures(**_ignored: object) -> None:
    operations.purge_erasures(at=timezone.now())
