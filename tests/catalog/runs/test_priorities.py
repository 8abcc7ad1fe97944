"""What somebody waits for overtakes what a schedule asked for."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from celery import current_app
from kombu import Consumer, Queue

from catalog.models import Run
from catalog.operations import runs
from catalog.operations.runs.sending import send
from catalog.tasks import resend_unclaimed_runs
from catalog.tenancy import org_scope
from recsys_site.platform_metrics import messages_in
from tests.clock import NOON
from tests.factories.tenants import make_namespace

pytestmark = pytest.mark.django_db(transaction=True)


def start(namespace: Any, *, queue: str, requested_by: str, kind: str = "count") -> Run:
    with org_scope(namespace.org_id):
        return runs.start_run(
            namespace,
            kind=kind,
            at=NOON,
            queue=queue,
            requested_by=requested_by,
        )


def taken(queue: str, *, count: int) -> list[str]:
    """Take messages as a worker does, one after the other."""
    found: list[str] = []

    def take(body: Any, message: Any) -> None:
        found.append(body[1].get("run_id", message.headers["task"]))
        message.ack()

    with current_app.connection_for_read() as connection:
        wanted = [Queue(queue, routing_key=queue)]
        with Consumer(
            connection, wanted, callbacks=[take], accept=["json"], prefetch_count=1
        ):
            while len(found) < count:
                connection.drain_events(timeout=30)
    return found


def test_the_later_but_more_urgent_message_is_taken_first() -> None:
    namespace, queue = make_namespace(), uuid4().hex[:16]
    unawaited = [
        start(namespace, queue=queue, requested_by=nobody)
        for nobody in ("schedule", "ingestion", "")
    ]
    resend_unclaimed_runs.apply_async(queue=queue)
    awaited = start(namespace, queue=queue, requested_by="ellie")
    # Sent anew it is as urgent as before.
    send(awaited, at=NOON)
    send(unawaited[0], at=NOON)

    with current_app.connection_for_read() as connection:
        assert messages_in(queue, connection=connection) == 7
    urgent, patient = [awaited, awaited], [*unawaited, unawaited[0]]
    assert taken(queue, count=7) == [
        *ids(urgent),
        resend_unclaimed_runs.name,
        *ids(patient),
    ]


def test_a_waiting_run_that_somebody_asks_for_too_is_sent_again_as_theirs() -> None:
    namespace, queue = make_namespace(), uuid4().hex[:16]
    scheduled = start(namespace, queue=queue, requested_by="ingestion")
    other = start(namespace, queue=queue, requested_by="schedule", kind="explain")
    with org_scope(namespace.org_id):
        shared = [
            runs.start_run_once(namespace, kind="count", at=NOON, requested_by=by)
            for by in ("ellie", "ellie", "schedule")
        ]

    assert shared == [scheduled] * 3
    assert shared[-1].requested_by == "ellie"
    assert taken(queue, count=3) == ids([scheduled, scheduled, other])


def ids(found: list[Run]) -> list[str]:
    return [str(run.pk) for run in found]
