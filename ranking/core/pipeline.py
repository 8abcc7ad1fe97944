"""The whole ranking as one pure function. Read this file first.

::

    ingest → signals → candidates → eligibility → score → personalise
           → rules → pins → diversify → place → respond → audit

:func:`rank` is everything between the signals and the response. Each of its
lines is a stage, and each stage has a module of its own beside this one. There
is no clock, no chance and no I/O in here: equal inputs give an equal answer,
to the byte. Preview, forecast, simulation, tuning, replay and serving all call
this function.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rules.core.types import Outcome, Pins, RuleSet

from .choose import Choice, choose, in_order, urn
from .columns import F64, Rows
from .explore import NO_EXPLORATION, Exploration, explore
from .gather import gather
from .inputs import Inputs
from .knobs import Knobs
from .meet import meet
from .place import place
from .policy import policy_counts
from .pool import Pool
from .ranking import Ranking
from .score import Scored, score
from .steering import steer
from .stopwatch import Stopwatch

ENGINE_VERSION = 7
"""Raised by hand whenever an answer may change; replays compare it."""


def rank(
    inputs: Inputs, *, rules: RuleSet | None = None, watch: Stopwatch | None = None
) -> Ranking:
    """Answer one question: what this person should see here.

    Parameters
    ----------
    inputs : Inputs
        The request, and all that answers it.
    rules : RuleSet, optional
        Others than those in force for the request's surface at the moment of
        the question.
    watch : Stopwatch, optional
        Notes durations. The answer does not depend on it.

    Returns
    -------
    ranking : Ranking
        Empty only if no eligible item exists.

    Raises
    ------
    KnobError
        If the request sets a knob to a value outside its range.
    UnknownProfileError
        If the request names a profile that does not exist.
    """
    shopper, resolved = meet(inputs)
    pool = gather(inputs, shopper=shopper, resolved=resolved, watch=watch)
    if rules is None:
        rules = rules_in_force(inputs)
    return arrange(
        pool, resolved.knobs, rules=rules, at_us=inputs.at_us, seed=inputs.seed
    )


def rules_in_force(inputs: Inputs) -> RuleSet:
    """Return the rules for the surface of a question at its moment."""
    at_us = inputs.at_us if inputs.rules_at_us is None else inputs.rules_at_us
    return inputs.plan.rulebook.at(inputs.request.surface, at_us=at_us)


def arrange(
    pool: Pool, knobs: Knobs, *, rules: RuleSet, at_us: int, seed: int
) -> Ranking:
    """Turn a pool into a page.

    Parameters
    ----------
    pool : Pool
        Gathered with fan-outs at least as large as those of ``knobs``.
    knobs : Knobs
        Only knobs of the stage ``arrange``, and fan-outs, may differ from
        those with which the pool was gathered.
    rules : RuleSet
    at_us : int
        The moment of the ranking, microseconds since 1970. The rules' own, on
        the wall clock, is ``rules.at_us``.
    seed : int
        Decides the draws of exploration.
    """
    ready = prepare(pool, knobs, rules=rules, at_us=at_us)
    choice = choose(
        ready.pool, ready.outcome, ready.pins, knobs=knobs, limit=ready.limit
    )
    return finish(ready, choice, seed=seed)


class Ready(NamedTuple):
    """A pool that is scored and ruled, before its page is chosen."""

    pool: Pool
    knobs: Knobs
    scored: Scored
    outcome: Outcome
    pins: Pins

    @property
    def slots(self) -> int:
        """How many places are filled by chance."""
        free = self.pool.request.k - len(self.pins)
        return min(self.knobs.exploration_slots, free)

    @property
    def limit(self) -> int:
        """How many places are chosen for."""
        return self.pool.request.k - len(self.pins) - self.slots


def prepare(pool: Pool, knobs: Knobs, *, rules: RuleSet, at_us: int) -> Ready:
    """Narrow a pool to its fan-outs, score it, and let rules act."""
    pool = pool.narrowed(knobs)
    scored = score(pool, knobs=knobs)
    return Ready(
        knobs=knobs,
        **steer(pool, scored, knobs=knobs, rules=rules, at_us=at_us)._asdict(),
    )


def finish(ready: Ready, choice: Choice, *, seed: int) -> Ranking:
    """Put the chosen, the drawn and the pinned in their places."""
    pool, knobs, _, outcome, pins = ready
    k = pool.request.k
    chosen = in_order(choice, outcome, pool=pool, knobs=knobs)
    drawn = _explore(ready, chosen=chosen, seed=seed)
    places = place(np.concatenate((chosen, drawn.picks)), pins=pins, k=k)
    return Ranking(
        pool=pool,
        knobs=knobs,
        scored=ready.scored,
        outcome=outcome,
        pins=pins,
        choice=choice,
        places=places,
        propensities=_propensities(places, drawn),
        explored=frozenset(drawn.picks.tolist()),
        counts=policy_counts(pool, outcome, pins, page=choice.page, places=places),
    )


def _explore(ready: Ready, *, chosen: Rows, seed: int) -> Exploration:
    if not ready.slots:
        return NO_EXPLORATION
    taken = np.concatenate((chosen, ready.pins.positions))
    depth = ready.knobs.exploration_depth
    tickets = urn(ready.pool, ready.outcome, taken=taken, depth=depth)
    return explore(tickets, slots=ready.slots, seed=seed)


def _propensities(places: Rows, drawn: Exploration) -> F64:
    if not len(drawn.picks):
        return np.ones(len(places))
    return np.where(np.isin(places, drawn.picks), drawn.propensity, 1.0)
