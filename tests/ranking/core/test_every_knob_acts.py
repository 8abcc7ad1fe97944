"""Each knob changes what somebody is shown, or what signals are built of."""

from __future__ import annotations

from dataclasses import dataclass, field
from dataclasses import replace as replaced
from functools import cache
from typing import Any

import numpy as np
import pytest

from ranking.core.answer import answer_digest
from ranking.core.columns import Sparse, Words
from ranking.core.configuration import Configuration, EventType, Profile, Segment
from ranking.core.inputs import Inputs
from ranking.core.knobs import DEFAULTS, KNOBS, KnobError, Knobs, to_document
from ranking.core.layers import Plan
from ranking.core.pipeline import rank
from ranking.core.request import Request
from ranking.core.world import World
from ranking.queries.signal_settings import parameters_of
from rules.core.rule import Action, Rule, Target, TargetType
from tests.ranking import synthetic
from tests.ranking.worlds import NOON_US

TAGS = {f"tag-{n:05}": 1.0 / n for n in range(1, 9)}
OTHER_TAGS = {f"tag-{n:05}": 1.0 / n for n in range(100, 109)}
PINS = tuple(
    Rule(
        id=f"pin{n}",
        action=Action.PIN,
        target=Target(type=TargetType.ITEM, values=(f"item-{n:08}",)),
    )
    for n in (700, 800)
)


@dataclass(frozen=True)
class Situation:
    """In which a knob can be seen to act, beside the default one."""

    usual: dict[str, Any] = field(default_factory=dict)
    values: tuple[Any, ...] = ()
    k: int = 20
    segment: str | None = None
    rules: tuple[Rule, ...] = ()


DRAWN = {"exploration_slots": 3}
STARTERS = {"profile_starter_presets": {"new_users": TAGS}}
SITUATIONS = {
    "exploration_fanout": Situation(DRAWN),
    "exploration_depth": Situation(DRAWN),
    "repeat_mode": Situation({"rule_exclude_events": False}),
    "exclude_event_types": Situation(values=((0,),)),
    "caps_strict": Situation({"category_cap": 1}, k=60),
    "rules_enabled": Situation(rules=PINS),
    "rules_max_pin_slots": Situation(values=(1,), rules=PINS),
    "profile_starter_presets": Situation(
        STARTERS, values=({"new_users": OTHER_TAGS},), segment="new_users"
    ),
    "profile_starter_decay_events": Situation(STARTERS, segment="new_users"),
    "profile_starter_blend_weight": Situation(STARTERS, segment="new_users"),
    "starter_anchors": Situation(STARTERS, segment="new_users"),
    "segment_fanout": Situation(segment="tea"),
}
USUAL = Situation()

OF_BANDITS = {each.name for each in KNOBS if each.group == "Bandit"}
OF_OLD_CLIENTS = {each.name for each in KNOBS if each.group == "Telemetry"}
# What a request that is narrowed to one brand is spared: see test_diversify.
OF_NARROW_REQUESTS = {"brand_tag_prefixes", "category_tag_prefixes"}
OF_LARGE_CATALOGS = {"search_scan"}
ADVICE_OF_FORMS = {"mmr_presets"}
ELSEWHERE = (
    OF_BANDITS
    | OF_OLD_CLIENTS
    | OF_NARROW_REQUESTS
    | OF_LARGE_CATALOGS
    | ADVICE_OF_FORMS
)

OF_RANKING = [
    each for each in KNOBS if each.stage != "signal" and each.name not in ELSEWHERE
]
OF_SIGNALS = [
    each for each in KNOBS if each.stage == "signal" and each.name not in ELSEWHERE
]


@cache
def world() -> World:
    rng = np.random.default_rng(4)
    snapshot = synthetic.make_synthetic_snapshot(1_500, seed=3)
    of_tea = Sparse(
        np.array([0, 200]),
        np.sort(rng.choice(1_500, 200, replace=False)).astype(np.int32),
        rng.random(200, dtype=np.float32),
    )
    return World.of(
        replaced(
            snapshot,
            trend=rng.random(1_500, dtype=np.float32),
            segment_names=Words.build(["tea"]),
            segment_popularity=of_tea,
        )
    )


@cache
def shoppers():
    return [
        synthetic.make_synthetic_history(world().snapshot, n_events=n, seed=5 + n)
        for n in (0, 2, 60)
    ]


def shown(knobs: dict[str, Any], history, situation: Situation = USUAL) -> bytes:
    profile = Profile(name="live", knobs=to_document(knobs))
    named = situation.segment
    configuration = Configuration(
        profiles={"live": profile},
        profile_in_force="live",
        rules=situation.rules,
        segments=(Segment(segment_id=named),) if named else (),
    )
    ranking = rank(
        Inputs(
            request=Request(surface="home", k=situation.k, user_id="u"),
            world=world(),
            history=history,
            plan=Plan.of(configuration),
            at_us=NOON_US,
            seed=7,
        )
    )
    return answer_digest(ranking)


def other_values(knob) -> list[Any]:
    """Return values that a knob takes and that are not its default."""
    if knob.kind == "flag":
        return [not knob.default]
    if knob.kind == "choice":
        return [each for each in knob.choices if each != knob.default]
    low, high = knob.low or 0, min(knob.high or 1000, 1000)
    tried: list[Any] = [low, low + 1, 2, 3, 5, 20, 0.3, 0.05, 0.9, high]
    if knob.kind == "whole":
        tried = [each for each in tried if each == int(each)]
    return [each for each in tried if each != knob.default and is_taken(knob, each)]


def is_taken(knob, value) -> bool:
    try:
        knob.check(value)
    except KnobError:
        return False
    return True


@pytest.mark.parametrize("knob", OF_RANKING, ids=lambda knob: knob.name)
def test_it_changes_what_somebody_is_shown(knob) -> None:
    situation = SITUATIONS.get(knob.name, USUAL)
    values = situation.values or other_values(knob)

    assert any(
        shown({**situation.usual, knob.name: value}, history, situation)
        != shown(situation.usual, history, situation)
        for history in shoppers()
        for value in values
    )


def parameters(knobs: Knobs):
    types = (EventType(type=0, name="view", weight=0.1),)
    return parameters_of(knobs, Plan.of(Configuration(event_types=types)))


@pytest.mark.parametrize("knob", OF_SIGNALS, ids=lambda knob: knob.name)
def test_it_changes_one_thing_that_builds_are_told(knob) -> None:
    usual = parameters(DEFAULTS)
    value = other_values(knob)[-1]

    other = parameters(replaced(DEFAULTS, **{knob.name: value}))

    told = [
        name
        for name in usual.__struct_fields__
        if getattr(usual, name) != getattr(other, name)
    ]
    # Weights of event types carry the half-life of popularity.
    assert told == ["weights" if "popularity" in knob.name else knob.name]
