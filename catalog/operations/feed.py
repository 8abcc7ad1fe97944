"""The change feed: every change gets a number, in the transaction that makes it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from catalog import generation
from catalog.core.feed import MAX_ROWS
from catalog.models import Change, Namespace

_TAKE_NUMBER = """
UPDATE catalog_namespace
SET change_number = change_number + 1,
    newest_event_at = greatest(newest_event_at, %s)
WHERE id = %s
RETURNING change_number
"""


def record_change(  # noqa: PLR0913
    namespace: Namespace,
    *,
    kind: str,
    count: int,
    at: datetime,
    ids: Sequence[int] = (),
    rows: bytes | None = None,
    newest_event_at: datetime | None = None,
) -> int:
    """Add one row to the namespace's feed and return its number.

    Call it last: it takes the namespace's row lock, which every other change waits
    for until this transaction ends. After the commit every process of this host sees
    that the namespace changed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_NUMBER, [newest_event_at, namespace.pk])
        (number,) = cursor.fetchone()
    Change.objects.create(
        org_id=namespace.org_id,
        namespace=namespace,
        number=number,
        kind=kind,
        ids=list(ids) if len(ids) <= MAX_ROWS else [],
        rows=rows,
        count=count,
        at=at,
    )
    transaction.on_commit(functools.partial(generation.bump, namespace.pk))
    return int(number)
