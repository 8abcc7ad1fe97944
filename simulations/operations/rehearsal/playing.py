"""Play a scenario: every step, the evidence of each, and whether it passed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from catalog.core.faults import BadInputError
from ranking.core.knobs import KnobError
from ranking.core.layers import UnknownProfileError
from simulations.core.scenarios.checking import filled
from simulations.core.scenarios.evidence import Found
from simulations.core.scenarios.language import (
    Scenario,
    Step,
)

from .shop import Rehearsal
from .verbs import PLAY, CannotPlayError, Scene


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """How a scenario went."""

    id: str
    name: str
    input: str
    expected: str
    observed: str
    passed: bool
    found: tuple[Found, ...]
    steps: tuple[Mapping[str, Any], ...]
    """What each step asked and was answered."""

    error: str = ""
    """Why it could not be played to its end."""

    seconds: float = 0.0


def play(
    scenario: Scenario, rehearsal: Rehearsal, *, given: Mapping[str, str]
) -> Played:
    """Play a scenario and undo it. One that cannot be played has not passed."""
    started = time.perf_counter()
    told = filled(scenario, given)
    scene, error = Scene(), ""
    with rehearsal.apart():
        try:
            for step in told.steps:
                PLAY[step.verb](rehearsal, scene, getattr(step, step.verb))
        except (
            BadInputError,
            CannotPlayError,
            KnobError,
            UnknownProfileError,
            msgspec.ValidationError,
        ) as fault:
            error = str(fault)
    return Played(
        id=scenario.id,
        name=scenario.name,
        input=_input_words(told.steps),
        expected=scenario.expected,
        observed=error or _observed_words(scene.found),
        passed=not error and all(each.passed for each in scene.found),
        found=tuple(scene.found),
        steps=tuple(scene.evidence),
        error=error,
        seconds=round(time.perf_counter() - started, 3),
    )


def _input_words(steps: Sequence[Step]) -> str:
    """Return what a scenario does, as a line of the CSV."""
    told = []
    for step in steps:
        if step.expect is None:
            document = msgspec.to_builtins(getattr(step, step.verb))
            kept = (
                document if not isinstance(document, dict) else _without_empty(document)
            )
            told.append(f"{step.verb} {msgspec.json.encode(kept).decode()}")
    return "; ".join(told)


def _without_empty(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in document.items()
        if value not in (None, {}, [], False)
    }


def _observed_words(found: Sequence[Found]) -> str:
    return "; ".join(f"{each.expectation}: {each.observed}" for each in found)
