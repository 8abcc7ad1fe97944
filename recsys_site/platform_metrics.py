"""What no request counts: ages, queues and work that waits, read when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import DatabaseError
from django.db.models import Count, Max, Min, Q
from django.utils import timezone
from kombu import Connection
from kombu.exceptions import ChannelError, OperationalError
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry
from redis.exceptions import RedisError

from audit.core.identity import first_id_at
from audit.models import Decision
from catalog.models import Item, Namespace, Run, RunState
from ranking.models import BuildState, SignalBuild
from recsys_site.celery import app
from simulations.models import GuardrailCheck
from simulations.models.guardrails import GuardrailVerdict

log = structlog.get_logger(__name__)

QUEUES = ("celery", "builds", "bulk", "tuning")
_SCOPE = ["org", "namespace"]
_HOUR = timedelta(hours=1)
# Newest answers that coverage is estimated from.
_MOST_ANSWERS = 500


class PlatformCollector(Collector):
    """Reads the database and the broker; without one of them it tells less."""

    def collect(self) -> Iterator[Metric]:
        at = timezone.now()
        is_there = True
        try:
            found = [*_builds(at), *_runs(at), _coverage(at), _guardrails()]
        except DatabaseError as error:
            log.warning("metrics_without_database", error=str(error))
            found, is_there = [], False
        yield from found
        yield GaugeMetricFamily(
            "recsys_database_up",
            "1 while the database answers.",
            value=float(is_there),
        )
        with suppress(RedisError, OperationalError, OSError):
            yield _queues()


def register(registry: CollectorRegistry) -> None:
    registry.register(PlatformCollector())


def _builds(at: datetime) -> Iterator[Metric]:
    snapshots = GaugeMetricFamily(
        "recsys_snapshot_age_seconds",
        "Since when a namespace is served from the same snapshot.",
        labels=_SCOPE,
    )
    signals = GaugeMetricFamily(
        "recsys_signal_age_seconds",
        "How old the events and items are that the live signals were built from.",
        labels=_SCOPE,
    )
    live = SignalBuild.unscoped.filter(state=BuildState.LIVE)
    rows = live.values_list("org_id", "namespace__name", "live_since", "created_at")
    for org_id, name, live_since, created_at in rows.order_by("org_id", "namespace_id"):
        labels = [str(org_id), name]
        snapshots.add_metric(labels, (at - (live_since or at)).total_seconds())
        signals.add_metric(labels, (at - created_at).total_seconds())
    yield snapshots
    yield signals


def _runs(at: datetime) -> Iterator[Metric]:
    counts = GaugeMetricFamily(
        "recsys_runs",
        "Long work by kind that waits or is done.",
        labels=["kind", "state"],
    )
    ages = GaugeMetricFamily(
        "recsys_run_oldest_waiting_seconds",
        "Age of the work that waits longest, by queue.",
        labels=["queue"],
    )
    progress = GaugeMetricFamily(
        "recsys_run_progress",
        "How far the work that is being done got, from 0 to 1.",
        labels=["kind"],
    )
    is_open = Q(state__in=[RunState.QUEUED, RunState.RUNNING])
    rows = Run.unscoped.filter(is_open).values("kind", "state").order_by()
    for row in rows.annotate(n_runs=Count("id"), furthest=Max("progress")):
        counts.add_metric([row["kind"], row["state"]], row["n_runs"])
        if row["state"] == RunState.RUNNING:
            progress.add_metric([row["kind"]], row["furthest"] or 0.0)
    due = Run.unscoped.filter(state=RunState.QUEUED, not_before__lte=at)
    waiting = due.order_by().values_list("queue").annotate(oldest=Min("not_before"))
    for queue, oldest in waiting:
        ages.add_metric([queue], (at - oldest).total_seconds())
    yield counts
    yield ages
    yield progress


def _coverage(at: datetime) -> Metric:
    share = GaugeMetricFamily(
        "recsys_served_items_share",
        "Share of a catalog that stood in the newest 500 answers of the last hour.",
        labels=_SCOPE,
    )
    since = at - _HOUR
    lately = Decision.unscoped.filter(
        decision_day__gte=since.date(), decision_id__gte=first_id_at(since)
    )
    for namespace in Namespace.objects.order_by("org_id", "pk"):
        newest = lately.filter(namespace=namespace).order_by("-decision_id")
        answers = newest.values_list("items", flat=True)[:_MOST_ANSWERS]
        served = {number for items in answers for number in items}
        if served:
            n_items = Item.unscoped.filter(namespace=namespace).count()
            labels = [str(namespace.org_id), namespace.name]
            share.add_metric(labels, len(served) / max(n_items, len(served)))
    return share


def _guardrails() -> Metric:
    broken = GaugeMetricFamily(
        "recsys_guardrail_broken",
        "1 for each guardrail that the newest check of a namespace found broken.",
        labels=[*_SCOPE, "guardrail"],
    )
    newest = GuardrailCheck.unscoped.order_by("namespace_id", "-created_at", "-id")
    checks = newest.distinct("namespace_id").select_related("namespace")
    for check in checks:
        for name, state in sorted(check.states.items()):
            labels = [str(check.org_id), check.namespace.name, name]
            broken.add_metric(labels, float(state == GuardrailVerdict.BROKEN))
    return broken


def _queues() -> Metric:
    waiting = GaugeMetricFamily(
        "recsys_queue_messages", "Messages that wait for a worker.", labels=["queue"]
    )
    with app.connection_for_read() as connection:
        for queue in QUEUES:
            waiting.add_metric([queue], messages_in(queue, connection=connection))
    return waiting


def messages_in(queue: str, *, connection: Connection) -> int:
    """Return how many messages wait in a queue, whatever their priority."""
    channel: Any = connection.default_channel
    try:
        return int(channel.queue_declare(queue, passive=True).message_count)
    except ChannelError:  # What is empty does not exist.
        return 0
