"""Give an answer again: as it was given, or with something else in force.

What is not varied is as it was then: the question, what was read about the user, and,
unless the replay is for now, snapshot, changes, configuration, moment and seed. So the
difference between two answers has no other cause than what was varied.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import msgspec

from audit.models import Decision
from catalog.core.moments import microseconds
from ranking.core.answer import canonical_answer
from ranking.core.asking import fate
from ranking.core.clock import now_us
from ranking.core.configuration import Configuration, Profile
from ranking.core.difference import Difference, Shown, differences
from ranking.core.empty import empty_snapshot
from ranking.core.fate import Fate
from ranking.core.inputs import Inputs
from ranking.core.layers import Plan
from ranking.core.pipeline import ENGINE_VERSION, rank
from ranking.core.ranking import Ranking
from ranking.core.request import Request
from ranking.core.world import World
from ranking.queries import decided as kept
from ranking.queries.decided import Decided, GoneError

from .answering import POPULARITY_ONLY
from .arms import arm_again, arm_values
from .call import POPULARITY
from .overlays import bring_up
from .read_items import READ_ITEMS, NotKeptError, world_again
from .served import current

_encode = msgspec.json.Encoder(order="deterministic").encode


class Mode(StrEnum):
    """What is varied."""

    THEN = "then"
    NOW = "now"
    RULES_OFF = "rules_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """What is to be otherwise than it was."""

    mode: Mode = Mode.THEN
    without_rules: frozenset[str] = frozenset()
    """Ids of rules and overrides that are taken out."""

    profile: Profile | None = None
    """Takes the place of the profile that the request got."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """An answer, given again."""

    then: Decided
    inputs: Inputs
    ranking: Ranking
    canonical: dict[str, Any]
    digest: bytes
    same_engine: bool
    """Whether the engine is of the version that answered then."""

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What became of each item that does not stand as it stood."""
        told = self.then.trace.items
        stored = zip(told.ids, told.columns["score"].tolist(), strict=True)
        given = self.canonical["items"]
        return differences(
            [Shown(item_id, score) for item_id, score in stored],
            [Shown(item["item_id"], item["score"]) for item in given],
        )

    @property
    def is_identical(self) -> bool:
        """Whether it is the stored answer to the byte, by the same engine."""
        return self.same_engine and self.digest == bytes(
            self.then.decision.answer_digest
        )

    def fate_of(self, item_id: str) -> Fate:
        """Why an item is, or is not, in this answer."""
        return fate(self.ranking, item_id, inputs=self.inputs)


def replay(
    decision: Decision, *, variation: Variation | None = None, wall_us: int
) -> Replay:
    """Give a decision's answer again.

    Raises
    ------
    GoneError
        If something that it depends on is not kept any more.
    NothingToServeError
        If it is to be replayed now and the namespace cannot be served.
    """
    wanted = variation or Variation()
    then = kept.decided(decision)
    inputs = (
        _inputs_now(then, wall_us=wall_us)
        if wanted.mode is Mode.NOW
        else inputs_then(then)
    )
    in_force = inputs.plan.configuration
    changed = varied(in_force, request=then.request, wanted=wanted)
    if changed is not in_force:
        inputs = replace(inputs, plan=Plan.of(changed))
    ranking = rank(inputs)
    canonical = canonical_answer(ranking, degraded=decision.degraded)
    return Replay(
        then=then,
        inputs=inputs,
        ranking=ranking,
        canonical=canonical,
        digest=hashlib.sha256(_encode(canonical)).digest(),
        same_engine=decision.engine_version == ENGINE_VERSION,
    )


def inputs_then(then: Decided) -> Inputs:
    """Return everything that a decision was answered from.

    Raises
    ------
    GoneError
        If something of it is not kept any more.
    """
    decision = then.decision
    plan = Plan.of(kept.configuration_then(decision))
    values = arm_values(arm_again(then.trace), plan=plan)
    if POPULARITY in decision.degraded:
        values = {**values, **POPULARITY_ONLY}
    return Inputs(
        request=then.request,
        world=_world_then(then),
        history=then.history,
        plan=plan,
        at_us=microseconds(decision.at),
        rules_at_us=then.trace.rules_at_us,
        seed=then.trace.seed,
        arm=values,
    )


def _world_then(then: Decided) -> World:
    world, after = _base_then(then)
    changes = kept.item_changes_then(then.decision, after=after)
    return bring_up(world, changes, number=then.decision.change_number)


def _base_then(then: Decided) -> tuple[World, int]:
    """Return what changes were folded into, and the change from which on."""
    if read := then.trace.extras.get(READ_ITEMS):
        try:
            return world_again(then.decision.namespace_id, read)
        except NotKeptError as error:
            raise GoneError(
                "items_expired",
                "The items that this answer was given from, before there was a"
                " snapshot, are not kept any more. Replay it now instead.",
            ) from error
    snapshot = kept.snapshot_then(then.decision)
    if snapshot is not None:
        return World.of(snapshot), snapshot.change_number
    after = kept.base_number_then(then.decision)
    return World.of(empty_snapshot(change_number=after)), after


def _inputs_now(then: Decided, *, wall_us: int) -> Inputs:
    served = current(then.decision.namespace)
    at_us, _ = now_us(
        served.clock, wall_us=wall_us, newest_event_us=served.newest_event_us
    )
    return Inputs(
        request=then.request,
        world=served.world,
        history=then.history,
        plan=served.plan,
        at_us=at_us,
        rules_at_us=wall_us,
        seed=then.trace.seed,
        arm=arm_values(then.trace.bandit, plan=served.plan),
    )


def varied(
    configuration: Configuration, *, request: Request, wanted: Variation
) -> Configuration:
    """Return a configuration with what is to be otherwise."""
    changes: dict[str, Any] = {}
    if wanted.mode is Mode.RULES_OFF:
        changes |= {"rules": (), "overrides": ()}
    elif wanted.without_rules:
        out = wanted.without_rules
        changes["rules"] = tuple(r for r in configuration.rules if r.id not in out)
        changes["overrides"] = tuple(
            r for r in configuration.overrides if r.id not in out
        )
    if wanted.profile is not None:
        name = request.profile or configuration.profile_in_force or wanted.profile.name
        changes["profiles"] = {**configuration.profiles, name: wanted.profile}
        changes["profile_in_force"] = configuration.profile_in_force or name
    return (
        msgspec.structs.replace(configuration, **changes) if changes else configuration
    )
