"""What a build of the signals reads, all in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db import connection, transaction

from catalog.core.moments import microseconds
from catalog.models import Namespace, User
from catalog.queries.clock import now_of
from catalog.queries.export import SCHEMA, EventExport, export_events
from catalog.queries.item_export import (
    export_items,
    export_named_segments,
    export_vectors,
)
from catalog.tenancy import org_scope
from ranking.core.layers import Plan
from ranking.core.segments import choose_segment
from ranking.signals.expressions import Window
from ranking.signals.parameters import SignalParameters
from ranking.signals.sources import Sources, SuppliedVectors

from .configurations import compose
from .signal_settings import settings_hash, signal_parameters


@dataclass(frozen=True, kw_only=True)
class BuildInputs:
    """The namespace as one moment of the database showed it."""

    change_number: int
    as_of: datetime
    sources: Sources
    parameters: SignalParameters
    settings_hash: str
    """Stands for all of the configuration that counts."""
    export: EventExport


@contextmanager
def one_moment(org_id: UUID) -> Iterator[None]:
    """Read in a transaction that sees one moment, unless one is open already."""
    if connection.in_atomic_block:
        with org_scope(org_id):
            yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with org_scope(org_id):
            yield


def read_inputs(
    namespace: Namespace, *, as_of: datetime | None, at: datetime, files_root: Path
) -> BuildInputs:
    """Read items, events, segments and knobs.

    Without `as_of` the namespace's own present is meant, and every item is in. With
    one, items that nobody could have seen by then are left out.
    """
    with one_moment(namespace.org_id):
        fresh = Namespace.objects.get(pk=namespace.pk)
        moment = as_of or now_of(fresh, at=at)
        plan = Plan.of(compose(fresh))
        export = export_events(fresh, directory=events_directory(files_root, fresh))
        items = export_items(fresh, props=plan.rulebook.reading.props)
        if as_of is not None:
            items = _existing(items, export, as_of_us=microseconds(as_of))
        return BuildInputs(
            change_number=fresh.change_number,
            as_of=moment,
            sources=Sources(
                items=items,
                event_files=export.files,
                event_schema=SCHEMA,
                event_rows=export.rows,
                last_ts_us=max(
                    (chunk.last_ts_us for chunk in export.chunks), default=0
                ),
                window=Window(
                    as_of_us=microseconds(moment), last_event_id=export.last_event_id
                ),
                segments=_members(fresh, plan, at_us=microseconds(moment)),
                supplied=_supplied(fresh),
            ),
            parameters=signal_parameters(fresh, plan),
            settings_hash=settings_hash(fresh, plan),
            export=export,
        )


def events_directory(files_root: Path, namespace: Namespace) -> Path:
    return files_root / "events" / str(namespace.pk)


def _existing(items: pa.Table, export: EventExport, *, as_of_us: int) -> pa.Table:
    """Keep items that were created by then, or that somebody touched by then.

    An import of old data creates all items today; their events tell since when.
    """
    seen = np.zeros(0, dtype=np.int64)
    if export.files:
        touched = pq.read_table(
            export.files, columns=["item_number"], filters=[("ts_us", "<=", as_of_us)]
        )
        seen = np.unique(touched["item_number"].to_numpy())
    known = np.isin(items["item_number"].to_numpy(), seen)
    created = pc.less_equal(items["created_us"], as_of_us).to_numpy()
    return items.filter(pa.array(known | created))


def _members(namespace: Namespace, plan: Plan, *, at_us: int) -> pa.Table:
    """Return users by segment, chosen as serving does where only traits count."""
    if plan.segments:
        numbers, names = _by_rules(namespace, plan, at_us=at_us)
    else:
        found, names = export_named_segments(namespace)
        numbers = found.tolist()
    return pa.table(
        {
            "user_number": pa.array(numbers, pa.int64()),
            "segment": pa.array(names, pa.string()),
        }
    )


def _by_rules(
    namespace: Namespace, plan: Plan, *, at_us: int
) -> tuple[list[int], list[str]]:
    users = User.objects.filter(namespace=namespace, listed=True).order_by("id")
    rows = users.values_list("id", "user_id", "traits")
    numbers, names = [], []
    for number, user_id, traits in rows.iterator(chunk_size=10_000):
        facts = {
            "user": {"id": user_id, "traits": traits},
            "ctx": {},
            "request": {"namespace": namespace.name},
        }
        match = choose_segment(plan.segments, facts=facts, at_us=at_us)
        if match.segment_id is not None:
            numbers.append(number)
            names.append(match.segment_id)
    return numbers, names


def _supplied(namespace: Namespace) -> SuppliedVectors | None:
    if not namespace.embedding_dimension:
        return None
    numbers, vectors = export_vectors(namespace)
    return SuppliedVectors(numbers=numbers, vectors=vectors) if len(numbers) else None
