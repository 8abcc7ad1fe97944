"""From a question to an answer: the only place where request, rank and trace meet."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import structlog
import uuid_utils
from django.conf import settings

from ranking import metrics
from ranking.core.answer import canonical_answer
from ranking.core.clock import now_us
from ranking.core.inputs import Inputs
from ranking.core.knobs import Value
from ranking.core.layers import Plan
from ranking.core.pipeline import rank
from ranking.core.policy import leaks_by_reason
from ranking.core.request import History, Request
from ranking.core.stopwatch import Stopwatch
from ranking.queries import history, round_trip
from rules.core.rule import EVERY_SURFACE
from rules.metrics import Met, count_leaks, count_rules

from . import asked
from .arms import arm_of, arm_values, with_arm
from .call import (
    NO_BUILD,
    POPULARITY,
    SNAPSHOT_ONLY,
    WITHOUT_HISTORY,
    Answer,
    Arm,
    Call,
    Lack,
    Rung,
    words_of,
)
from .first_build import wait_for_build
from .records import keep
from .ruled import rules_told
from .served import Served
from .watch import ensure_watching

log = structlog.get_logger(__name__)

# Events may be sent up to a day ahead of the clock.
_AHEAD_US = 86_400_000_000
_encode = msgspec.json.Encoder(order="deterministic").encode
_NOBODY = History.anonymous()

# What remains of the ranking when nothing but popularity may be trusted to be quick.
POPULARITY_ONLY: Mapping[str, Value] = {
    "blend_alpha": 1.0,
    "blend_beta": 0.0,
    "blend_gamma": 0.0,
    "covis_fanout": 0,
    "collaborative_fanout": 0,
    "ease_fanout": 0,
    "content_fanout": 0,
    "embedding_fanout": 0,
    "session_fanout": 0,
}
_NO_EXPLORATION: Mapping[str, Value] = {"exploration_slots": 0}


def answer(call: Call) -> Answer:
    """Rank, and keep the decision before anybody sees it.

    Raises
    ------
    KnobError, UnknownProfileError
        If the request asks for what cannot be.
    NothingToServeError
        If the namespace was never served and the database is away.
    SpoolRefusedError
        If the decision cannot be kept, and must be.
    """
    started = time.perf_counter_ns()
    ensure_watching()
    asked.note(call.namespace.pk)
    served = wait_for_build(call.namespace)
    answered = rank_now(call, served=served)
    if answered.decision_id is not None:
        latency_us = (time.perf_counter_ns() - started) // 1000
        keep(answered, latency_us=latency_us)
    metrics.count(
        answered.call.route,
        seconds=(time.perf_counter_ns() - started) / 1e9,
        stages_ns=answered.durations_ns,
        missing=answered.degraded,
        sources=answered.source_counts,
        items=len(answered.ranking),
    )
    if answered.rules:
        _count_rules(answered)
    if answered.ranking.counts["constraint_leak_count"]:
        _count_leaks(answered)
    return answered


def _count_leaks(answered: Answer) -> None:
    ranking = answered.ranking
    leaks = leaks_by_reason(ranking.pool, ranking.places)
    count_leaks(answered.call.namespace.name, _surface(answered), leaks)


def _count_rules(answered: Answer) -> None:
    met = (Met(told.rule, told.matched, told.shown) for told in answered.rules)
    count_rules(answered.call.namespace.name, _surface(answered), met)


def _surface(answered: Answer) -> str | None:
    surface = answered.call.request.surface
    if surface in {told.rule.surface for told in answered.rules}:
        return surface
    # Callers invent surfaces, and each label is kept for good.
    return EVERY_SURFACE


@dataclass(frozen=True, slots=True)
class Prepared:
    """A call with all that its answer depends on."""

    inputs: Inputs
    clock: str
    decision_id: UUID | None
    lacks: tuple[Lack, ...]
    arm: Arm | None = None


def rank_now(call: Call, *, served: Served, plan: Plan | None = None) -> Answer:
    """Rank without keeping anything; another plan stands for a draft."""
    watch = Stopwatch(time.perf_counter_ns)
    prepared = inputs_of(call, served=served, plan=plan, watch=watch)
    return rank_prepared(call, prepared, served=served, watch=watch)


def rank_prepared(
    call: Call, prepared: Prepared, *, served: Served, watch: Stopwatch
) -> Answer:
    """Rank what is put together already; nothing is read or kept."""
    ranking = watch.time("rank", rank, prepared.inputs, watch=watch)
    canonical = canonical_answer(ranking, degraded=words_of(prepared.lacks))
    return Answer(
        call=call,
        served=served,
        inputs=prepared.inputs,
        clock=prepared.clock,
        ranking=ranking,
        canonical=canonical,
        digest=digest_of(canonical),
        source_counts=ranking.pool.source_counts(),
        lacks=prepared.lacks,
        decision_id=prepared.decision_id,
        durations_ns=watch.durations_ns,
        warnings=ranking.pool.resolved.warnings,
        arm=prepared.arm,
        rules=rules_told(ranking),
    )


def inputs_of(
    call: Call,
    *,
    served: Served,
    plan: Plan | None = None,
    watch: Stopwatch | None = None,
) -> Prepared:
    """Read the history and put together what the answer depends on."""
    watch = watch or Stopwatch()
    deadline = time.perf_counter() + settings.REQUEST_DEADLINE_MS / 1000
    read, lacks = watch.time("history", _history, call, deadline)
    is_late = time.perf_counter() > deadline
    plan = plan or served.plan
    arm = arm_of(call, plan=plan)
    told = arm.told if arm else {}
    values = arm_values(told, plan=plan)
    if is_late:
        values = {**values, **POPULARITY_ONLY}
    decision_id = None if call.is_dry else call.decision_id or new_decision_id()
    moment, clock = now_us(
        served.clock, wall_us=call.wall_us, newest_event_us=served.newest_event_us
    )
    inputs = Inputs(
        request=_without_chance(call.request)
        if call.is_dry
        else with_arm(call.request, told),
        world=served.world,
        history=read,
        plan=plan,
        at_us=moment if call.at_us is None else call.at_us,
        # Windows of rules are of the wall clock, whatever the namespace's is.
        rules_at_us=call.wall_us if call.at_us is None else call.at_us,
        seed=seed_of(decision_id.bytes) if decision_id else 0,
        arm={**values, **_NO_EXPLORATION} if call.is_dry else values,
    )
    lacks += _lacks(served, is_late=is_late)
    return Prepared(inputs, clock, decision_id, lacks, arm)


def new_decision_id() -> UUID:
    return UUID(bytes=uuid_utils.uuid7().bytes)


def digest_of(canonical: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(_encode(canonical)).digest()


def seed_of(decision_id: bytes) -> int:
    """Return the number that all draws of a decision come from."""
    return int.from_bytes(hashlib.sha256(decision_id).digest()[:8], "big")


def _lacks(served: Served, *, is_late: bool) -> tuple[Lack, ...]:
    lacks: tuple[Lack, ...] = ()
    if served.is_behind:
        lacks += (Lack(Rung.SNAPSHOT_ONLY, SNAPSHOT_ONLY, "changes cannot be read"),)
    if served.is_stale:
        lacks += (Lack(Rung.POPULARITY, NO_BUILD, "no build of these data is live"),)
    elif served.is_unopened:
        lacks += (Lack(Rung.POPULARITY, NO_BUILD, "the snapshot cannot be opened"),)
    if is_late:
        lacks += (Lack(Rung.POPULARITY, POPULARITY, "the deadline had passed"),)
    return lacks


def _history(call: Call, deadline: float) -> tuple[History, tuple[Lack, ...]]:
    user_id = call.request.user_id
    if user_id is None:
        return _NOBODY, ()
    until_us = call.wall_us + _AHEAD_US if call.at_us is None else call.at_us
    question = history.question(
        namespace_id=call.namespace.pk, user_id=user_id, until_us=until_us
    )
    try:
        (found,) = round_trip.ask(
            [question],
            org_id=call.namespace.org_id,
            timeout_seconds=deadline - time.perf_counter(),
        )
    except round_trip.UnansweredError as error:
        return _NOBODY, (Lack(Rung.WITHOUT_HISTORY, WITHOUT_HISTORY, str(error)),)
    return history.read(found), ()


def _without_chance(request: Request) -> Request:
    if "exploration_slots" not in request.overrides:
        return request
    overrides = {**request.overrides, "exploration_slots": 0}
    return msgspec.structs.replace(request, overrides=overrides)
