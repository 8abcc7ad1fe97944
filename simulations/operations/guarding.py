"""Hold what a namespace serves now to its guardrails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from catalog.core.moments import microseconds
from catalog.models import Namespace
from catalog.operations.runs import RunHandle, Unattended
from ranking.serve import NothingToServeError
from simulations.core.figures import figures_of
from simulations.core.judging import Judged, judge
from simulations.core.limits import Limit
from simulations.queries.scopes import EVERYTHING

from .forecasts import sample_of, why_nothing
from .replaying import Replayed, facts_of, replay_newest, stage_of
from .serving import served_now

_UNATTENDED = Unattended()


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """The guardrails of one namespace, held to replays of its newest decisions."""

    namespace: str
    requests: int
    judged: list[Judged]
    why_not: str = ""
    """Why nothing could be replayed."""


def guard_namespace(
    namespace: Namespace,
    limits: Mapping[str, Limit],
    *,
    at: datetime,
    most: int,
    handle: RunHandle = _UNATTENDED,
) -> Guarded:
    """Replay the newest decisions as they would be answered now; nothing is stored.

    Called inside the org's scope.
    """
    try:
        served, _ = served_now(namespace)
    except NothingToServeError as error:
        return _nothing(namespace, limits, why=f"Nothing is served: {error}.")
    stage = stage_of(served, wall_us=microseconds(at))
    replayed = replay_newest(namespace, EVERYTHING, stage, most=most, handle=handle)
    if not replayed.pairs:
        return _nothing(namespace, limits, why=_why(replayed, most=most))
    facts = facts_of(stage.world, replayed.pairs)
    figures = figures_of([pair.after for pair in replayed.pairs], facts)
    return Guarded(
        namespace=namespace.name,
        requests=len(replayed.pairs),
        judged=judge(limits, after=figures),
    )


def _nothing(namespace: Namespace, limits: Mapping[str, Limit], *, why: str) -> Guarded:
    judged = judge(limits, after=None)
    return Guarded(namespace=namespace.name, requests=0, judged=judged, why_not=why)


def _why(replayed: Replayed, *, most: int) -> str:
    return why_nothing(sample_of(replayed, EVERYTHING, most=most))
