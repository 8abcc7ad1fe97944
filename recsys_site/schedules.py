"""Beat's timetable: what each app wants done, put where staff may edit it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django_celery_beat.models import IntervalSchedule, PeriodicTask

type Schedule = tuple[str, str, timedelta]


def wanted_schedules() -> Iterator[Schedule]:
    """Yield the `SCHEDULES` of every app's module `schedules`."""
    for config in apps.get_app_configs():
        name = f"{config.name}.schedules"
        if find_spec(name) is not None:
            yield from getattr(import_module(name), "SCHEDULES", ())


def install_schedules() -> int:
    """Add the schedules that are missing, and return how many were.

    Those that are there stay as staff have left them.
    """
    known = set(PeriodicTask.objects.values_list("name", flat=True))
    missing = [one for one in wanted_schedules() if one[0] not in known]
    for name, task, every in missing:
        interval, _ = IntervalSchedule.objects.get_or_create(
            every=int(every.total_seconds()), period=IntervalSchedule.SECONDS
        )
        PeriodicTask.objects.create(name=name, task=task, interval=interval)
    return len(missing)
