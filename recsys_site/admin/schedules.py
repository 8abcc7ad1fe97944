from __future__ import annotations

from django.contrib import admin
from django.db import models
from django_celery_beat.admin import PeriodicTaskAdmin as BeatTaskAdmin
from django_celery_beat.admin import PeriodicTaskForm, TaskSelectWidget
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from catalog.admin.page import RoleAdmin
from catalog.templatetags.desk import ago

_SECONDS = {
    IntervalSchedule.DAYS: 86_400,
    IntervalSchedule.HOURS: 3_600,
    IntervalSchedule.MINUTES: 60,
    IntervalSchedule.SECONDS: 1,
}

for each in (
    PeriodicTask,
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    SolarSchedule,
):
    admin.site.unregister(each)


class ScheduleTaskWidget(UnfoldAdminSelectWidget, TaskSelectWidget):  # type: ignore[misc]
    """The theme's menu of the tasks that workers know."""


class ScheduleForm(PeriodicTaskForm):  # type: ignore[misc]
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = ScheduleTaskWidget()


class OperatorAdmin(RoleAdmin[models.Model]):
    """Schedules belong to the installation, so operators of any namespace keep them."""

    view_verb = add_verb = change_verb = delete_verb = "operate"


@admin.register(PeriodicTask)
class ScheduleAdmin(OperatorAdmin, BeatTaskAdmin):  # type: ignore[misc]
    list_title = "Schedules"
    form = ScheduleForm
    change_form_template = None  # The package's own holds an inline script.
    list_display = ["name", "enabled", "rhythm", "last_run_at"]
    list_select_related = ["interval", "crontab", "clocked", "solar"]
    list_filter = ["enabled"]
    actions = ["enable_tasks", "disable_tasks", "run_tasks"]

    @admin.display(description="Rhythm")
    def rhythm(self, task: PeriodicTask) -> str:
        if task.crontab is not None:
            return str(task.crontab.human_readable)
        if task.interval is None:
            return str(task.schedule or "–")
        unit = _SECONDS.get(task.interval.period)
        if unit is None:
            return str(task.interval)
        return f"every {ago(task.interval.every * unit)}"


@admin.register(IntervalSchedule)
class IntervalAdmin(OperatorAdmin):
    list_display = ["every", "period"]


@admin.register(CrontabSchedule)
class CrontabAdmin(OperatorAdmin):
    list_display = ["human_readable", "timezone"]
