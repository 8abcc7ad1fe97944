"""Celery's doors: ids and a moment in, one call. Discovered by name."""

from .runs import execute_run, resend_unclaimed_runs
from .upkeep import (
    empty_default_partition,
    prune_event_keys,
    prune_idempotency_records,
)

__all__ = [
    "empty_default_partition",
    "execute_run",
    "prune_event_keys",
    "prune_idempotency_records",
    "resend_unclaimed_runs",
]
