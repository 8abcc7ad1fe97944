"""Celery's doors: ids and a moment in, one call."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from simulations.operations.guard_schedules import keep_schedules
from simulations.operations.guardrails import start_scheduled
from simulations.operations.rehearsal.private import sweep


@shared_task(name="simulations.tasks.schedule_guardrails", queue="bulk")
def schedule_guardrails(**_ignored: object) -> None:
    keep_schedules()


@shared_task(name="simulations.tasks.check_guardrails", queue="bulk")
def check_guardrails(*, namespace_id: int, **_ignored: object) -> None:
    start_scheduled(namespace_id=namespace_id, at=timezone.now())


@shared_task(name="simulations.tasks.sweep_private", queue="bulk")
def sweep_private(**_ignored: object) -> None:
    sweep()
