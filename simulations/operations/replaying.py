"""Ask real requests again, by the engine that serves, without a change and with it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from audit.core.identity import answered_at
from catalog.models import Namespace
from catalog.operations.runs import RunHandle
from ranking.core.clock import now_us
from ranking.core.gather import gather
from ranking.core.inputs import Inputs
from ranking.core.knobs import KnobError
from ranking.core.layers import Plan, UnknownProfileError
from ranking.core.meet import meet
from ranking.core.pipeline import arrange
from ranking.core.ranking import Ranking
from ranking.core.world import World
from ranking.queries.decided import Decided, decided_in_bulk
from ranking.serve.served import Served
from rules.core.compile import Rulebook
from simulations.core.figures import Facts
from simulations.core.metrics import percentiles
from simulations.core.pages import Page, Pair
from simulations.queries.scopes import Scope, count_decisions, newest_decisions


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """All that requests are ranked with, but themselves and their histories."""

    world: World
    plan: Plan
    """The configuration without the change."""

    changed: Rulebook | None
    """The rules with the change; None: nothing changes."""

    at_us: int
    """The moment of the ranking, on the namespace's clock."""

    wall_us: int
    """The moment of the rules, on the wall clock."""


def stage_of(served: Served, *, wall_us: int, changed: Rulebook | None = None) -> Stage:
    """Return what the namespace would rank with at a moment of the wall clock."""
    at_us, _ = now_us(
        served.clock, wall_us=wall_us, newest_event_us=served.newest_event_us
    )
    return Stage(
        world=served.world,
        plan=served.plan,
        changed=changed,
        at_us=at_us,
        wall_us=wall_us,
    )


def inputs_of(then: Decided, stage: Stage) -> Inputs:
    """Return a decision's question as it would be asked on the stage."""
    return Inputs(
        request=then.request,
        world=stage.world,
        history=then.history,
        plan=stage.plan,
        at_us=stage.at_us,
        rules_at_us=stage.wall_us,
        seed=then.trace.seed,
    )


def replay_pair(then: Decided, stage: Stage) -> Pair:
    """Answer a decision's request without the change and with it.

    What merchandisers change acts when candidates are arranged, so that they are
    gathered once.

    Raises
    ------
    KnobError, UnknownProfileError
        If the request cannot be asked any more.
    """
    inputs = inputs_of(then, stage)
    started = time.perf_counter_ns()
    shopper, resolved = meet(inputs)
    pool = gather(inputs, shopper=shopper, resolved=resolved)
    gathered_ns = time.perf_counter_ns() - started

    def arranged(rulebook: Rulebook) -> Page:
        begun = time.perf_counter_ns()
        ranking = arrange(
            pool,
            resolved.knobs,
            rules=rulebook.at(inputs.request.surface, at_us=stage.wall_us),
            at_us=inputs.at_us,
            seed=inputs.seed,
        )
        took_ns = time.perf_counter_ns() - begun
        return page_of(ranking, duration_ns=gathered_ns + took_ns)

    before = arranged(stage.plan.rulebook)
    return Pair(before, before if stage.changed is None else arranged(stage.changed))


def page_of(ranking: Ranking, *, duration_ns: int = 0) -> Page:
    return Page(
        rows=ranking.pool.rows[ranking.places],
        leaks=ranking.counts["constraint_leak_count"],
        duration_ns=duration_ns,
    )


@dataclass(slots=True)
class Replayed:
    """Requests that were asked again, and those that could not be."""

    found: int = 0
    pairs: list[Pair] = field(default_factory=list)
    gone: int = 0
    refused: int = 0
    newest_at: str | None = None
    oldest_at: str | None = None


def replay_newest(
    namespace: Namespace,
    scopes: frozenset[Scope],
    stage: Stage,
    *,
    most: int,
    handle: RunHandle,
) -> Replayed:
    """Replay the newest decisions of the scopes, at most so many."""
    total = count_decisions(namespace, scopes, most=most)
    replayed = Replayed()
    for batch in newest_decisions(namespace, scopes, most=most):
        handle.check_cancelled()
        handle.progress(
            replayed.found / max(total, 1),
            f"Replaying {replayed.found:,} of {total:,} decisions",
        )
        kept = decided_in_bulk(batch)
        replayed.found += len(batch)
        replayed.gone += len(batch) - len(kept)
        _replay_batch(kept, stage, replayed)
    return replayed


def _replay_batch(kept: Sequence[Decided], stage: Stage, replayed: Replayed) -> None:
    for then in kept:
        try:
            replayed.pairs.append(replay_pair(then, stage))
        except (KnobError, UnknownProfileError):
            replayed.refused += 1
            continue
        answered = answered_at(then.decision.decision_id).isoformat()
        replayed.newest_at = replayed.newest_at or answered
        replayed.oldest_at = answered


def facts_of(world: World, pairs: Sequence[Pair]) -> Facts:
    """Return what figures need to know of all items on the pages."""
    pages = [page for pair in pairs for page in (pair.before, pair.after)]
    shown = [page.rows for page in pages] or [np.empty(0, dtype=np.int64)]
    rows = np.unique(np.concatenate(shown))
    everything = world.select(np.arange(len(world), dtype=np.int64))
    is_sellable = everything.attribute("standing") == 0
    popularity = everything.signal(world.snapshot.popularity)
    items = world.select(rows)
    return Facts(
        rows=rows,
        long_tail=items.long_tail,
        brands=items.attribute("brand").astype(np.int64),
        categories=items.attribute("category").astype(np.int64),
        popularity=percentiles(popularity[rows], among=popularity[is_sellable]),
        n_sellable=int(is_sellable.sum()),
    )
