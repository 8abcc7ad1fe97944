"""What a change set does to the requests of real decisions."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.core.moments import from_microseconds, microseconds
from catalog.models import Namespace
from catalog.operations.runs import RunHandle
from ranking.serve.served import Served
from simulations.core.figures import figures_of
from simulations.core.forecast import NO_CLICK_DATA, Forecast, Sample
from simulations.core.moments import Moment, moment_of
from simulations.core.pages import Pair, movement
from simulations.queries.scopes import Scope, names

from .changes import Change
from .replaying import Replayed, Stage, facts_of, replay_newest, stage_of
from .shifting import shifting_brands, shifting_categories, shifting_items


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A forecast, or why there is none, with the sample that it rests on."""

    sample: Sample
    forecast: Forecast | None
    why_not: str = ""
    unkept: tuple[str, ...] = ()
    """Facts that the change asks for and that the decisions do not hold."""


def forecast_change(
    change: Change, served: Served, *, at: datetime, most: int, handle: RunHandle
) -> Seen:
    """Replay real decisions without a change and with it."""
    started = time.perf_counter()
    moment = moment_of(change.extents, now_us=microseconds(at))
    stage = stage_of(served, wall_us=moment.at_us, changed=change.rulebook())
    replayed = replay_newest(
        change.namespace, change.scopes, stage, most=most, handle=handle
    )
    sample = sample_of(replayed, change.scopes, most=most)
    if not replayed.pairs:
        return Seen(sample=sample, forecast=None, why_not=why_nothing(sample))
    handle.progress(1.0, "Counting what changes")
    forecast = _forecast(
        change.namespace, replayed.pairs, stage, moment=moment, started=started
    )
    unkept = change.unkept_facts(served)
    return Seen(sample=sample, forecast=forecast, unkept=unkept)


def sample_of(replayed: Replayed, scopes: frozenset[Scope], *, most: int) -> Sample:
    return Sample(
        asked=most,
        found=replayed.found,
        replayed=len(replayed.pairs),
        gone=replayed.gone,
        refused=replayed.refused,
        oldest_at=replayed.oldest_at,
        newest_at=replayed.newest_at,
        surfaces=names(scopes, "surface"),
        segments=names(scopes, "segment"),
    )


def why_nothing(sample: Sample) -> str:
    """Say why nothing could be replayed."""
    if not sample.found:
        where = f" on {', '.join(sample.surfaces)}" if sample.surfaces else ""
        who = f" for {', '.join(sample.segments)}" if sample.segments else ""
        return (
            f"There are no decisions{where}{who} to replay yet, so nobody can say what"
            " this changes for shoppers."
        )
    return (
        f"None of {sample.found:,} decisions can be replayed: of {sample.gone:,} the"
        f" trace or the user is gone, {sample.refused:,} ask for what no longer exists."
    )


def _forecast(
    namespace: Namespace,
    pairs: Sequence[Pair],
    stage: Stage,
    *,
    moment: Moment,
    started: float,
) -> Forecast:
    world = stage.world
    facts = facts_of(world, pairs)
    return Forecast(
        moment=from_microseconds(moment.at_us).isoformat(),
        acting=moment.acting,
        waiting=moment.waiting,
        movement=movement(pairs),
        before=figures_of([pair.before for pair in pairs], facts),
        after=figures_of([pair.after for pair in pairs], facts),
        items=shifting_items(namespace, pairs, world),
        brands=shifting_brands(pairs, facts, world),
        categories=shifting_categories(pairs, facts, world),
        expected_clicks=NO_CLICK_DATA,
        snapshot=world.snapshot.content_hash.hex(),
        seconds=round(time.perf_counter() - started, 3),
    )
