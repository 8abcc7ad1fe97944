"""Suggestions by Optuna, asked anew for each generation: so they can be repeated."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
)
from optuna.samplers import BaseSampler, NSGAIISampler, TPESampler
from optuna.trial import FrozenTrial

from tuning.core.schedule import LEAST_FIRST, generation_of, wanted
from tuning.core.space import Parameter
from tuning.core.spec import SweepSpec
from tuning.core.strategies import suggestions
from tuning.core.suggesting import Suggestion, Tried

OF_OPTUNA = ("tpe", "nsga2")
_SEED_STEP = 1_000_003


def suggest(
    spec: SweepSpec, generation: int, past: Sequence[Tried]
) -> list[Suggestion]:
    """Return a generation's suggestions, whatever the strategy.

    Equal trials before, equal suggestions: the study is made from them each time, and
    its dice from the sweep's seed and the generation.
    """
    if spec.strategy not in OF_OPTUNA or generation == 0:
        return suggestions(spec, generation, past)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings():
        # To look at several knobs at once is a young feature of the library.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return _asked(spec, generation, past)


def _asked(spec: SweepSpec, generation: int, past: Sequence[Tried]) -> list[Suggestion]:
    known = [each for each in past if spec.space.encode(each.values) is not None]
    sampler = _sampler(spec, generation)
    study = optuna.create_study(
        directions=["maximize"] * len(spec.objectives), sampler=sampler
    )
    distributions = {each.name: _distribution(each) for each in spec.parameters}
    for each in sorted(known, key=lambda each: each.number):
        study.add_trial(_finished(each, spec, distributions, sampler))
    found = []
    for _ in range(wanted(spec, generation)):
        asked = study.ask(distributions)
        shares = [
            _share(parameter, asked.params[parameter.name])
            for parameter in spec.parameters
        ]
        found.append(Suggestion(values=spec.space.at(shares)))
    return found


def _sampler(spec: SweepSpec, generation: int) -> BaseSampler:
    seed = (spec.seed * _SEED_STEP + generation) % 2**32
    if spec.strategy == "tpe":
        return TPESampler(
            seed=seed, n_startup_trials=0, multivariate=True, constant_liar=True
        )
    size = max(spec.batch, LEAST_FIRST)
    return NSGAIISampler(seed=seed, population_size=size)


def _distribution(parameter: Parameter) -> BaseDistribution:
    """Every range is a share of itself: rounding and steps are the parameter's own."""
    if parameter.choices:
        return CategoricalDistribution(tuple(range(len(parameter.choices))))
    return FloatDistribution(0.0, 1.0)


def _share(parameter: Parameter, value: Any) -> float:
    if parameter.choices:
        return (int(value) + 0.5) / len(parameter.choices)
    return float(value)


def _finished(
    tried: Tried,
    spec: SweepSpec,
    distributions: dict[str, BaseDistribution],
    sampler: BaseSampler,
) -> FrozenTrial:
    params: dict[str, Any] = {}
    for each in spec.parameters:
        share = each.share_of(tried.values[each.name])
        assert share is not None
        inside = min(max(share, 0.0), 1.0)
        params[each.name] = int(inside * len(each.choices)) if each.choices else inside
    attributes: dict[str, Any] = {}
    if isinstance(sampler, NSGAIISampler):
        generation = generation_of(spec, tried.number)
        attributes[sampler._get_generation_key()] = generation
    return optuna.trial.create_trial(
        params=params,
        distributions=distributions,
        values=list(tried.gains),
        constraints={"guardrails": tried.violation},
        system_attrs=attributes,
    )
