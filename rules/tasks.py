"""Celery's doors: a moment in, one call."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from catalog.models import Namespace
from rules.operations.upkeep import keep_states


@shared_task(name="rules.tasks.keep_states", queue="bulk")
def keep_all_states(**_ignored: object) -> None:
    """Have rules and overrides say what the clock says; serving looks itself."""
    for namespace in Namespace.objects.order_by("pk"):
        keep_states(namespace, at=timezone.now())
