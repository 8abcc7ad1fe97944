"""Worlds and baselines of several folds, made while the fold before is asked."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path

from ranking.core.knobs import Knobs
from ranking.core.layers import Resolved
from ranking.core.request import Request
from ranking.core.segments import Match
from ranking.queries.signal_settings import parameters_of
from ranking.signals.parameters import SignalParameters
from simulations.core.asking import Held
from simulations.core.evaluation import EvaluationSpec
from simulations.core.splits import Fold

from .answering import knobs_of
from .as_of import AsOf, build_as_of, numbers_at
from .baseline_models import Baseline, Known, known_before, train
from .fold_users import chosen_users, drawn
from .material import Material


@dataclass(kw_only=True)
class Clock:
    """How long each part took, in seconds; parts that overlap count in full."""

    seconds: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - started
            with self._lock:
                self.seconds[name] = round(self.seconds.get(name, 0.0) + took, 3)


def parameters_for(material: Material, spec: EvaluationSpec) -> SignalParameters:
    """Return what the builds of a spec are told: its knobs on top of the profile's."""
    request = Request(namespace=material.namespace.name, profile=spec.profile)
    base: Resolved = material.plan.base(request, Match())
    knobs: Knobs = base.with_layer("arm", knobs_of(spec)).knobs
    return parameters_of(knobs, material.plan)


@dataclass(frozen=True, kw_only=True)
class PreparedFold:
    """A fold that can be asked, while its baselines may still be in training."""

    fold: Fold
    held: Held
    not_drawn: int
    """How many more could be asked, had the spec not asked for fewer."""

    as_of: AsOf
    baselines: Mapping[str, Future[Baseline]]
    """Those of the spec, and popularity always, to tell surprises by."""


def prepared_folds(
    material: Material,
    folds: Sequence[Fold],
    spec: EvaluationSpec,
    *,
    directory: Path,
    clock: Clock,
) -> Generator[PreparedFold]:
    """Return the folds with their worlds and baselines, in order.

    Two threads work up to two folds ahead of whoever asks, as builds and training leave
    the interpreter alone for most of their time, and asking hardly ever does. One
    builds worlds. The other trains baselines: they need no world, so they fill the time
    in which nobody can be asked yet.

    Raises
    ------
    NothingToEvaluateError
        If nobody of some fold can be asked.
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

    with _worker("as-of") as builder, _worker("baselines") as trainer:
        training = _Training(material, spec, trainer=trainer, clock=clock)

        def begin(number: int) -> tuple[Future[AsOf], _Begun]:
            return builder.submit(build, number), training.begin(folds[number])

        ahead = deque(map(begin, range(len(folds))[:AHEAD]))
        for number, fold in enumerate(folds):
            built, one = ahead.popleft()
            as_of = built.result()
            training.finish(one, as_of)
            ahead.extend(map(begin, range(len(folds))[number + AHEAD :][:1]))
            yield PreparedFold(
                fold=fold,
                held=one.held,
                not_drawn=one.not_drawn,
                as_of=as_of,
                baselines=one.baselines,
            )


AHEAD = 2
"""So many folds are prepared beside the one that is asked: each world takes memory."""


@contextmanager
def _worker(name: str) -> Iterator[Executor]:
    """Work in a thread; what it has not begun at the end is never done."""
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


@dataclass(frozen=True, kw_only=True)
class _Begun:
    held: Held
    not_drawn: int
    known: Known
    baselines: dict[str, Future[Baseline]]


@dataclass(frozen=True)
class _Training:
    """Has the baselines of a spec trained."""

    material: Material
    spec: EvaluationSpec
    _: KW_ONLY
    trainer: Executor
    clock: Clock

    def begin(self, fold: Fold) -> _Begun:
        """Begin with a fold as far as its world need not be known."""
        material, spec = self.material, self.spec
        numbers = numbers_at(material, fold)
        everybody = chosen_users(material, fold, spec, numbers=numbers)
        held = drawn(everybody, spec)
        known = known_before(material, fold, held, numbers=numbers)
        names = dict.fromkeys(("popularity", *spec.baselines))
        return _Begun(
            held=held,
            not_drawn=len(everybody) - len(held),
            known=known,
            baselines={
                name: self._train(name, known) for name in names if name != _OF_WORLD
            },
        )

    def finish(self, begun: _Begun, as_of: AsOf) -> None:
        """Begin with what the world may have solved already."""
        if _OF_WORLD in self.spec.baselines:
            known = replace(begun.known, solved=as_of.solved)
            begun.baselines[_OF_WORLD] = self._train(_OF_WORLD, known)

    def _train(self, name: str, known: Known) -> Future[Baseline]:
        def timed() -> Baseline:
            with self.clock.timed("baselines"):
                return train(name, known)

        return self.trainer.submit(timed)


_OF_WORLD = "ease"
