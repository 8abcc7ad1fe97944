"""The experiments that serving obeys."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime
from typing import Any

import msgspec

from catalog.core.moments import microseconds
from catalog.models import Namespace
from ranking.core.experiments import Experiment, Variant
from ranking.models import Experiment as ExperimentRow
from ranking.models import ExperimentState


def running_experiments(
    namespace: Namespace, *, profiles: Container[str]
) -> tuple[Experiment, ...]:
    """Return what was started and not stopped, the oldest first.

    One whose profile was deleted since would answer with an error, and rests.
    """
    rows = ExperimentRow.objects.filter(
        namespace=namespace, state=ExperimentState.RUNNING
    ).order_by("started_at", "pk")
    found = [experiment_of(row) for row in rows]
    return tuple(
        each
        for each in found
        if all(v.profile is None or v.profile in profiles for v in each.variants)
    )


def experiment_of(row: ExperimentRow) -> Experiment:
    """Return a stored experiment as serving obeys it."""
    return Experiment(
        name=row.name,
        salt=row.salt,
        variants=variants_of(row.variants),
        surface=row.surface or None,
        share=row.share,
        starts_us=_us(row.starts_at or row.started_at) or 0,
        ends_us=_us(row.ends_at),
    )


def variants_of(stored: Any) -> tuple[Variant, ...]:
    return msgspec.convert(stored, tuple[Variant, ...])


def _us(moment: datetime | None) -> int | None:
    return None if moment is None else microseconds(moment)
