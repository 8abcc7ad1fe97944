"""Work that the tests start as Runs. Importable by workers in other processes."""

from __future__ import annotations

import logging
import time

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError

from catalog.models import Item
from catalog.operations.runs import LeasedHandle, Outcome, RunFailedError
from catalog.tenancy import org_scope
from tests.clock import NOON

EXECUTORS = {
    name: f"tests.catalog.runs.executors.{name}"
    for name in (
        *("count", "explain", "break_down", "lose_the_database", "linger"),
        *("run_out_of_time", "hear_nothing"),
    )
}

log = logging.getLogger(__name__)


def count(handle: LeasedHandle) -> Outcome:
    """Store as many items as wanted, one a transaction, going on where it stopped."""
    wanted = int(handle.parameters["items"])
    pause = float(handle.parameters.get("pause", 0))
    namespace = handle.namespace
    for number in range(int(handle.start.get("stored", 0)), wanted):
        with org_scope(handle.org_id):
            Item.objects.create(
                org_id=handle.org_id,
                namespace=namespace,
                item_id=f"{number}",
                props={"attempt": handle.run.attempts},
                created_at=NOON,
                updated_at=NOON,
            )
            handle.checkpoint({"stored": number + 1})
        handle.progress((number + 1) / wanted, f"item {number + 1}")
        time.sleep(pause)
    return Outcome(result={"stored": wanted}, url="/admin/items")


def explain(handle: LeasedHandle) -> None:
    log.warning("Row %s is odd", 7)
    structlog.get_logger(__name__).info("column_read", column="price", rows=9)
    with structlog.contextvars.bound_contextvars(run_id="another"):
        log.info("Somebody else's line")
    raise RunFailedError("Row 7 has no price. Give it one and start the import again.")


def break_down(handle: LeasedHandle) -> None:
    raise ZeroDivisionError("by nothing")


def lose_the_database(handle: LeasedHandle) -> None:
    raise OperationalError("the server closed the connection")


def linger(handle: LeasedHandle) -> None:
    """Work until somebody asks for the end."""
    for _ in range(400):
        handle.check_cancelled()
        time.sleep(0.05)


def run_out_of_time(handle: LeasedHandle) -> None:
    """Be told by the worker that the time is up, as Celery tells it."""
    handle.progress(0.5)
    raise SoftTimeLimitExceeded


def hear_nothing(handle: LeasedHandle) -> None:
    """Work on whatever one is told, until the row says that it is over."""
    for _ in range(400):
        with org_scope(handle.org_id):
            handle.run.refresh_from_db(fields=["state"])
        if handle.run.state != "running":
            break
        time.sleep(0.05)
    time.sleep(0.2)
