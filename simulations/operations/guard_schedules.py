"""A schedule of its own for each namespace's guardrails, where staff may edit it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta

from django_celery_beat.models import IntervalSchedule, PeriodicTask

from catalog.models import Namespace
from simulations.queries.guardrails_file import guardrails

TASK = "simulations.tasks.check_guardrails"
USUALLY_EVERY = timedelta(hours=6)


def keep_schedules() -> int:
    """Give each namespace that has limits a schedule; return how many are new.

    Those that are there stay as staff left them; those of namespaces that are gone go.
    """
    file = guardrails()
    known = _schedules()
    namespaces = {each.pk: each for each in Namespace.objects.select_related("org")}
    for number, schedule in known.items():
        if number not in namespaces:
            schedule.delete()
    wanted = [
        each
        for number, each in namespaces.items()
        if number not in known and file.of(each.name)
    ]
    for namespace in wanted:
        _add(namespace)
    return len(wanted)


def rhythms_of(namespaces: Iterable[Namespace]) -> dict[int, timedelta | None]:
    """Return how often each namespace's guardrails are checked; None: never."""
    known = _schedules()
    return {each.pk: _rhythm(known.get(each.pk)) for each in namespaces}


def _rhythm(schedule: PeriodicTask | None) -> timedelta | None:
    if schedule is None or not schedule.enabled:
        return None
    if schedule.interval is None:
        return timedelta(days=1)
    every: timedelta = schedule.interval.schedule.run_every
    return every


def _schedules() -> dict[int, PeriodicTask]:
    """Return the schedules by namespace: staff may call them what they like."""
    rows = PeriodicTask.objects.select_related("interval").filter(task=TASK)
    return {json.loads(each.kwargs or "{}").get("namespace_id"): each for each in rows}


def name_of(namespace: Namespace) -> str:
    return f"Guardrails: {namespace.name} of {namespace.org_id}"[:200]


def _add(namespace: Namespace) -> None:
    interval, _ = IntervalSchedule.objects.get_or_create(
        every=int(USUALLY_EVERY.total_seconds()), period=IntervalSchedule.SECONDS
    )
    PeriodicTask.objects.get_or_create(
        name=name_of(namespace),
        defaults={
            "task": TASK,
            "interval": interval,
            "kwargs": json.dumps({"namespace_id": namespace.pk}),
        },
    )
