from __future__ import annotations

import structlog
from celery import shared_task
from django.utils import timezone

from audit import operations
from audit.operations import feedback, retention
from catalog.models import Org

log = structlog.get_logger(__name__)


@shared_task(name="audit.tasks.keep_partitions", queue="bulk")
def keep_partitions(**_ignored: object) -> None:
    operations.keep_partitions(today=timezone.now().date())


@shared_task(name="audit.tasks.drop_expired", queue="bulk")
def drop_expired(**_ignored: object) -> None:
    retention.drop_expired(at=timezone.now())


@shared_task(name="audit.tasks.keep_feedback", queue="bulk")
def keep_feedback(**_ignored: object) -> None:
    for org_id in Org.objects.order_by("id").values_list("id", flat=True):
        try:
            feedback.keep_feedback(org_id, at=timezone.now())
        except Exception as error:  # What ails one org's data is not the others' fault.
            log.exception("feedback_not_kept", org=str(org_id), exc_info=error)


@shared_task(name="audit.tasks.purge_feedback", queue="bulk")
def purge_feedback(**_ignored: object) -> None:
    feedback.purge_feedback(at=timezone.now())


@shared_task(name="audit.tasks.purge_erasures", queue="bulk")
def purge_erasures(**_ignored: object) -> None:
    operations.purge_erasures(at=timezone.now())
