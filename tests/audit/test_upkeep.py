"""What runs by itself or by an operator's hand, and what it tells."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from celery import current_app
from django.core.management import call_command
from prometheus_client import CollectorRegistry, generate_latest

from audit import metrics, spool
from audit.machine import machine
from audit.models import Decision
from audit.schedules import SCHEDULES
from audit.tasks import purge_erasures
from tests.factories.audit import make_record


def told(name: str) -> float:
    registry = CollectorRegistry()
    metrics.register(registry)
    lines = generate_latest(registry).decode().splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return float(values[name])


@pytest.mark.django_db
def test_metrics_follow_a_decision_from_the_spool_to_the_database(
    spool_directory: Path,
) -> None:
    spool.append(make_record())
    waiting = told("audit_spool_bytes")
    call_command("drain_decisions", "--once", stdout=StringIO())

    assert waiting > 1_000
    assert told("audit_spool_bytes") == 0
    assert told("audit_decisions_drained_total") == 1
    assert told("audit_decisions_dropped_total") == 0
    assert told("audit_spool_degraded") == 0


@pytest.mark.django_db
def test_the_command_says_how_many_it_stored(spool_directory: Path) -> None:
    spool.append(make_record())
    said = StringIO()

    call_command("drain_decisions", "--once", stdout=said)

    assert said.getvalue() == "Decisions stored: 1.\n"
    assert Decision.unscoped.count() == 1


def test_every_schedule_names_a_task_that_exists() -> None:
    for _, task, every in SCHEDULES:
        assert task in current_app.tasks
        assert every.total_seconds() > 0


@pytest.mark.django_db
def test_tasks_ignore_what_a_newer_publisher_sends() -> None:
    purge_erasures(mood="sunny")


def test_the_machine_says_on_what_scores_were_computed() -> None:
    assert machine().numpy
    assert len(machine().cpu.split()) == 2
    assert machine().blas_threads >= 1
