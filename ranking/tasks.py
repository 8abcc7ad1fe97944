"""Celery's doors: ids and a moment in, one call."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from catalog.models import Namespace
from catalog.tenancy import org_scope
from ranking.operations.bandit_feedback import reward_from_feedback
from ranking.operations.bandit_rewards import forget_old, settle
from ranking.operations.build_retention import collect_builds
from ranking.operations.build_starting import start_due_builds
from ranking.operations.embeddings import refresh_embeddings


@shared_task(name="ranking.tasks.start_due_builds", queue="builds")
def start_builds(**_ignored: object) -> None:
    """Start what ingestion asks for; desks do the same, whoever comes first."""
    start_due_builds(at=timezone.now())


@shared_task(name="ranking.tasks.refresh_embeddings", queue="builds")
def refresh_all_embeddings(**_ignored: object) -> None:
    for namespace in Namespace.objects.order_by("pk"):
        refresh_embeddings(namespace, at=timezone.now())


@shared_task(name="ranking.tasks.collect_builds", queue="builds")
def collect_all_builds(**_ignored: object) -> None:
    for namespace in Namespace.objects.order_by("pk"):
        collect_builds(
            namespace, at=timezone.now(), files_root=Path(settings.FILES_ROOT)
        )


@shared_task(name="ranking.tasks.settle_bandits", queue="bulk")
def settle_bandits(**_ignored: object) -> None:
    at = timezone.now()
    since = at - timedelta(minutes=5)
    window = timedelta(hours=settings.BANDIT_REWARD_WINDOW_HOURS)
    for namespace in Namespace.objects.order_by("pk"):
        with org_scope(namespace.org_id):
            reward_from_feedback(namespace, at=at, since=since)
            if window:
                settle(namespace, at=at, window=window)
            forget_old(namespace, at=at)
