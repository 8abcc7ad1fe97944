from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from audit import operations


@shared_task(name="audit.tasks.keep_partitions", queue="bulk")
def keep_partitions(**_ignored: object) -> None:
    operations.keep_partitions(today=timezone.now().date())


@shared_task(name="audit.tasks.drop_expired", queue="bulk")
def drop_expired(**_ignored: object) -> None:
    operations.drop_expired(today=timezone.now().date())


@shared_task(name="audit.tasks.purge_erasures", queue="bulk")
def purge_erasures(**_ignored: object) -> None:
    operations.purge_erasures(at=timezone.now())
