"""What keeps the catalog's tables in shape, every night."""

from __future__ import annotations

from datetime import UTC, datetime

from celery import shared_task

from catalog.operations import idempotency, partitions


@shared_task(name="catalog.tasks.empty_default_partition")
def empty_default_partition(**_ignored: object) -> None:
    partitions.empty_default_partition(at=datetime.now(UTC))


@shared_task(name="catalog.tasks.prune_event_keys")
def prune_event_keys(**_ignored: object) -> None:
    partitions.prune_event_keys(at=datetime.now(UTC))


@shared_task(name="catalog.tasks.prune_idempotency_records")
def prune_idempotency_records(**_ignored: object) -> None:
    idempotency.prune(at=datetime.now(UTC))
