"""Answers kept for calls that may be sent again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connections

LIFETIME = timedelta(hours=24)


def prune(*, at: datetime) -> int:
    """Forget the answers of all orgs that are older than 24 hours."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "DELETE FROM catalog_idempotencyrecord WHERE created_at < %s",
            [at - LIFETIME],
        )
        return int(cursor.rowcount)
