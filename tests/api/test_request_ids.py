"""One id runs through the log lines of a request and of what it set off."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import structlog
from celery import shared_task
from celery.contrib.testing.worker import start_worker

from catalog.models import Run
from catalog.operations.runs import start_run
from catalog.tasks import execute_run
from catalog.tenancy import org_scope
from recsys_site import health
from recsys_site.celery import app
from recsys_site.embedded.processes import wait_until
from recsys_site.logs import json_formatter
from tests.catalog.api.conftest import Api
from tests.factories.tenants import make_namespace

log = structlog.get_logger(__name__)


@shared_task(name="tests.say_something", queue="request-ids")
def say_something(*, words: str) -> None:
    log.info(words)


class Lines(logging.Handler):
    """What goes to the log, as the platform writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(json_formatter())
        self.told: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(json.loads(self.format(record)))

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.told if line["event"] == event]


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler = Lines()
    # Not at the root, whose handlers a worker sets up anew.
    loggers = [logging.getLogger(name) for name in ("tests", "catalog", "recsys_site")]
    for logger in loggers:
        logger.addHandler(handler)
    yield handler
    for logger in loggers:
        logger.removeHandler(handler)


@pytest.mark.usefixtures("test_servers")
def test_a_task_goes_on_under_the_id_of_the_request_that_sent_it(lines: Lines) -> None:
    words = f"from a worker {uuid4()}"
    with start_worker(
        app,  # type: ignore[arg-type]
        pool="solo",
        queues=["request-ids"],
        perform_ping_check=False,
        loglevel="INFO",
    ):
        with structlog.contextvars.bound_contextvars(request_id="from-the-web"):
            say_something.delay(words=words)
        assert wait_until(lambda: bool(lines.of(words)), seconds=20)

    (line,) = lines.of(words)
    assert line["request_id"] == "from-the-web"
    assert line["task"] == "tests.say_something"


@pytest.mark.django_db
def test_a_run_goes_on_under_the_id_of_the_request_that_started_it(
    lines: Lines,
) -> None:
    shop = make_namespace()
    with (
        structlog.contextvars.bound_contextvars(request_id="who-asked"),
        org_scope(shop.org_id),
    ):
        run = start_run(shop, kind="unheard-of", at=shop.created_at)

    execute_run.apply(kwargs={"run_id": str(run.pk), "org_id": str(run.org_id)})

    told = [line for line in lines.told if line.get("run_id") == str(run.pk)]
    assert told[0]["event"].startswith("Attempt 1 of unheard-of begins")
    assert {line["request_id"] for line in told} == {"who-asked"}
    assert Run.unscoped.get(pk=run.pk).request_id == "who-asked"


@pytest.mark.django_db
def test_what_a_request_logs_has_its_id(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_ask_cache", _fail)

    Api(uuid4()).client.get("/health", headers={"X-Request-Id": "seen-again"})

    (line,) = lines.of("dependency_failed")
    assert line["request_id"] == "seen-again"


def _fail() -> None:
    raise OSError("away")
