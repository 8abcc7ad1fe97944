"""Celery's doors: a moment in, one call."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.utils import timezone

from catalog.models import Namespace
from rules.operations.alerts import keep_incidents, purge_incidents
from rules.operations.upkeep import keep_states
from rules.operations.webhooks import purge_deliveries, send_due

log = structlog.get_logger(__name__)


@shared_task(name="rules.tasks.keep_states", queue="bulk")
def keep_all_states(**_ignored: object) -> None:
    """Have rules and overrides say what the clock says; serving looks itself."""
    for namespace in Namespace.objects.order_by("pk"):
        keep_states(namespace, at=timezone.now())


@shared_task(name="rules.tasks.keep_incidents", queue="bulk")
def keep_all_incidents(**_ignored: object) -> None:
    """Look at the rules of each namespace, and tell what is new and what is over."""
    for namespace in Namespace.objects.order_by("pk"):
        try:
            keep_incidents(namespace, at=timezone.now())
        except Exception as error:  # One namespace's rules are not the others' fault.
            log.exception("alerts_not_kept", namespace=namespace.pk, exc_info=error)


@shared_task(name="rules.tasks.send_webhooks", queue="bulk")
def send_webhooks(**_ignored: object) -> None:
    send_due(at=timezone.now())


@shared_task(name="rules.tasks.purge_alerts", queue="bulk")
def purge_alerts(**_ignored: object) -> None:
    purge_incidents(at=timezone.now())
    purge_deliveries(at=timezone.now())
