"""The worlds of several folds, each built while the one before it is asked."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ranking.core.knobs import Knobs
from ranking.core.layers import Resolved
from ranking.core.request import Request
from ranking.core.segments import Match
from ranking.queries.signal_settings import parameters_of
from ranking.signals.parameters import SignalParameters
from simulations.core.evaluation import EvaluationSpec
from simulations.core.splits import Fold

from .answering import knobs_of
from .as_of import AsOf, build_as_of
from .material import Material


@dataclass(kw_only=True)
class Clock:
    """How long each part took, in seconds; parts that overlap count in full."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - started
            self.seconds[name] = round(self.seconds.get(name, 0.0) + took, 3)


def parameters_for(material: Material, spec: EvaluationSpec) -> SignalParameters:
    """Return what the builds of a spec are told: its knobs on top of the profile's."""
    request = Request(namespace=material.namespace.name, profile=spec.profile)
    base: Resolved = material.plan.base(request, Match())
    knobs: Knobs = base.with_layer("arm", knobs_of(spec)).knobs
    return parameters_of(knobs, material.plan)


def worlds(
    material: Material,
    folds: Sequence[Fold],
    spec: EvaluationSpec,
    *,
    directory: Path,
    clock: Clock,
) -> Generator[tuple[Fold, AsOf]]:
    """Return the folds with their worlds, in order.

    The next one is built in a thread meanwhile: builds leave the interpreter alone for
    most of their time, and asking hardly ever does.
    """
    parameters = parameters_for(material, spec)

    def build(number: int) -> AsOf:
        with clock.timed("signals"):
            return build_as_of(
                material,
                folds[number],
                directory=directory / str(number),
                parameters=parameters,
            )

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="as-of") as builder:
        ahead = builder.submit(build, 0)
        for number, fold in enumerate(folds):
            as_of = ahead.result()
            if number + 1 < len(folds):
                ahead = builder.submit(build, number + 1)
            yield fold, as_of
