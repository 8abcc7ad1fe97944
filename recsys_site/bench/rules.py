"""What ten thousand rules in force cost a ranking, beside none at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import numpy as np
from threadpoolctl import threadpool_limits

from ranking.core.configuration import Configuration
from ranking.core.inputs import Inputs
from ranking.core.layers import Plan
from ranking.core.snapshot import Snapshot
from ranking.operations.build_states import path_of
from ranking.signals.open import open_snapshot
from rules.core.rule import Action, Rule, Target, TargetType

from .core import WARM_UP, questions, seconds_of
from .report import Figure
from .shops import Shop, live_build

RULES = 10_000
type Aim = Callable[[Random, int], Target]


def measure(shop: Shop) -> list[Figure]:
    """Rank the same questions with and without rules, by turns."""
    snapshot = open_snapshot(path_of(live_build(shop)))
    return [
        *_compared(shop, snapshot, "that match nothing", _elsewhere, goal="≤ 1.15"),
        *_compared(shop, snapshot, "on its items, tags, brands", _aims(snapshot)),
    ]


def _compared(
    shop: Shop, snapshot: Snapshot, which: str, aim: Aim, *, goal: str = ""
) -> list[Figure]:
    plan = Plan.of(Configuration(rules=_rules(aim)))
    without = questions(snapshot)
    ruled = [replace(each, plan=plan) for each in without]
    with threadpool_limits(1):
        # One after the other, so that both meet the same moments of the machine.
        both = np.array([_pair(*pair) for pair in zip(without, ruled, strict=True)])
    none, some = np.median(both[WARM_UP:], axis=0)
    named = {"section": shop.name, "goal": goal}
    return [
        Figure(name=f"{RULES:,} rules {which}", value=some / none, unit="×", **named),
        Figure(
            section=shop.name,
            name=f"{RULES:,} rules {which}, more than none",
            value=(some - none) * 1000,
            unit="ms",
            goal="< 1",
        ),
    ]


def _pair(without: Inputs, ruled: Inputs) -> tuple[float, float]:
    return seconds_of(without), seconds_of(ruled)


def _rules(aim: Aim) -> tuple[Rule, ...]:
    draw = Random(5)  # noqa: S311 (nothing secret)
    return tuple(_rule(draw, number, aim(draw, number)) for number in range(RULES))


def _rule(draw: Random, number: int, target: Target) -> Rule:
    action = draw.choice((Action.BOOST, Action.BOOST, Action.BURY, Action.BLOCK))
    if target.type is not TargetType.ITEM and action is Action.BLOCK:
        action = Action.BURY
    return Rule(
        id=f"{number:032x}",
        action=action,
        target=target,
        value=None if action is Action.BLOCK else 0.2,
        priority=draw.randrange(5),
        created_us=number,
    )


def _elsewhere(_: Random, number: int) -> Target:
    kinds = (TargetType.ITEM, TargetType.TAG, TargetType.BRAND, TargetType.CATEGORY)
    return Target(type=kinds[number % len(kinds)], values=(f"elsewhere-{number}",))


def _aims(snapshot: Snapshot) -> Aim:
    def aim(draw: Random, number: int) -> Target:
        kind = (TargetType.ITEM, TargetType.TAG, TargetType.BRAND)[number % 3]
        words = {TargetType.TAG: snapshot.tags, TargetType.BRAND: snapshot.brands}
        if kind is TargetType.ITEM or not len(words[kind]):
            row = draw.randrange(len(snapshot))
            return Target(type=TargetType.ITEM, values=(snapshot.ids.text(row),))
        text = words[kind].text(draw.randrange(len(words[kind])))
        return Target(type=kind, values=(text,))

    return aim
