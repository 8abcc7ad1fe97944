"""All that an evaluation reads, as one moment of the database showed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings
from numpy.typing import NDArray

from catalog.core.moments import microseconds
from catalog.models import Namespace, User
from catalog.queries.export import SCHEMA
from catalog.tenancy import org_scope
from ranking.core.configuration import Configuration, content_hash
from ranking.core.layers import Plan
from ranking.queries.build_inputs import read_inputs
from ranking.queries.configurations import compose
from ranking.signals.parameters import SignalParameters, fingerprint
from ranking.signals.sources import Sources
from simulations.core.splits import Events

_CHUNK = 10_000


@dataclass(frozen=True, kw_only=True)
class Person:
    """A user as a request would name them."""

    user_id: str
    traits: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Material:
    """One namespace: its events, items and configuration."""

    namespace: Namespace
    wall_us: int
    """When it was read, on the wall clock: rules of today are in force then."""

    plan: Plan
    configuration_hash: bytes
    parameters: SignalParameters
    sources: Sources
    """Items, segments and vectors; the event files are those of all events."""

    events: Events

    @property
    def weights(self) -> dict[int, float]:
        """Weight by active event type."""
        return {each.type: each.weight for each in self.parameters.weights}

    @property
    def fingerprint(self) -> str:
        """Equal for equal events and items."""
        return fingerprint(
            [
                self.sources.events_fingerprint,
                len(self.events),
                int(self.events.ids.max(initial=0)),
            ]
        )

    def people(self, numbers: NDArray[np.int64]) -> list[Person]:
        """Return users in the order of their numbers, nobody for those who left."""
        found: dict[int, Person] = {}
        with org_scope(self.namespace.org_id):
            for start in range(0, len(numbers), _CHUNK):
                chunk = numbers[start : start + _CHUNK].tolist()
                rows = User.objects.filter(namespace=self.namespace, pk__in=chunk)
                for number, user_id, traits in rows.values_list(
                    "id", "user_id", "traits"
                ):
                    found[number] = Person(user_id=user_id, traits=traits or {})
        nobody = Person(user_id="", traits={})
        return [found.get(number, nobody) for number in numbers.tolist()]


def read_material(
    namespace: Namespace, *, at: datetime, configuration: Configuration | None = None
) -> Material:
    """Read a namespace.

    Called outside any transaction; it opens its own.

    Parameters
    ----------
    namespace : Namespace
    at : datetime
        The wall clock.
    configuration : Configuration, optional
        What would be published, in place of what is.
    """
    with org_scope(namespace.org_id):
        composed = configuration or compose(namespace)
    inputs = read_inputs(
        namespace, as_of=None, at=at, files_root=Path(settings.FILES_ROOT)
    )
    return Material(
        namespace=namespace,
        wall_us=microseconds(at),
        plan=Plan.of(composed),
        configuration_hash=content_hash(composed),
        parameters=inputs.parameters,
        sources=inputs.sources,
        events=read_events(inputs.sources),
    )


def read_events(sources: Sources) -> Events:
    """Read event files into columns, in order of time."""
    table = SCHEMA.empty_table()
    if sources.event_files:
        table = pa.concat_tables([pq.read_table(each) for each in sources.event_files])
    newest = pc.less_equal(table["event_id"], sources.window.last_event_id)
    table = table.filter(newest).sort_by(
        [("ts_us", "ascending"), ("event_id", "ascending")]
    )
    columns = {
        name: table[name].to_numpy(zero_copy_only=False) for name in SCHEMA.names
    }
    return Events(
        ids=columns["event_id"],
        users=columns["user_number"],
        items=columns["item_number"],
        types=columns["type"],
        values=columns["value"],
        ts_us=columns["ts_us"],
    )
