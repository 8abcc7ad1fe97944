"""Make a namespace for one transaction, and remove what files it leaves."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import connection, transaction

from catalog.core.moments import microseconds
from catalog.core.private import PRIVATE
from catalog.importers.months import make_room
from catalog.models import Namespace
from catalog.models.runs import new_id
from catalog.tenancy import org_scope

_LOCK_CLASS = 7_242
_MARKS = "private"
_COPIED = (
    "time_zone",
    "currency",
    "clock",
    "embedding_model",
    "switches",
)


@contextmanager
def private_namespace(
    owner: Namespace, *, at: datetime, days: int
) -> Iterator[Namespace]:
    """Open a namespace like the owner's; nothing of it outlives the block.

    Called outside any transaction. The block runs inside the org's scope. Events of the
    last `days` days find their partitions made.
    """
    sweep()
    _prepare_months(at, days=days)
    number: int | None = None
    try:
        with org_scope(owner.org_id):
            namespace = Namespace.objects.create(
                org_id=owner.org_id,
                name=f"{PRIVATE}{new_id()}",
                title=f"{owner} (private)",
                **{name: getattr(owner, name) for name in _COPIED},
            )
            number = namespace.pk
            _take(number)
            _mark(number).parent.mkdir(parents=True, exist_ok=True)
            _mark(number).touch()
            try:
                yield namespace
            finally:
                transaction.set_rollback(True)
    finally:
        if number is not None:
            _remove(number)


def sweep() -> int:
    """Remove the files of private namespaces whose transaction is over.

    The transaction holds a lock for as long as it lives, wherever it runs.
    """
    removed = 0
    for mark in sorted(_marks().glob("*")):
        if not mark.name.isdigit():
            continue
        with transaction.atomic():
            is_over = _try(int(mark.name))
        if is_over:
            _remove(int(mark.name))
            removed += 1
    return removed


def _prepare_months(at: datetime, *, days: int) -> None:
    # Partitions are made by the owner's connection, which would wait for ours for ever
    # once we hold events.
    first = at - timedelta(days=days)
    moments = [first + timedelta(days=day) for day in (*range(0, days, 28), days)]
    stamps = np.array([microseconds(each) for each in moments])
    make_room(stamps, known=set())


def _take(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, number % 2**31]
        )


def _try(number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, number % 2**31]
        )
        return bool(cursor.fetchone()[0])


def _marks() -> Path:
    return Path(settings.FILES_ROOT) / _MARKS


def _mark(number: int) -> Path:
    return _marks() / str(number)


def _remove(number: int) -> None:
    """Remove every folder and file that is named after the namespace."""
    mark = _mark(number)
    for folder in Path(settings.FILES_ROOT).iterdir():
        if not folder.is_dir():
            continue
        found = folder / str(number)
        if found == mark:
            continue
        if found.is_dir():
            shutil.rmtree(found, ignore_errors=True)
        else:
            found.unlink(missing_ok=True)
    # Last: as long as it is there, somebody comes back for the rest.
    mark.unlink(missing_ok=True)
