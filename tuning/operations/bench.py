"""Measure one profile after another on the same users, doing nothing twice.

Signals are built once for each distinct value of the signal knobs, pools gathered once
at the largest fan-outs, so that most trials cost `arrange_many` and the measures.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import msgspec
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from catalog.models import Namespace
from ranking.core.configuration import (
    Configuration,
    Profile,
    content_hash,
    read_profile,
)
from ranking.core.knobs import KNOBS_BY_NAME, parse
from ranking.core.layers import Plan
from ranking.core.pool import SOURCE_FANOUTS
from ranking.core.request import Request
from ranking.core.segments import Match
from ranking.queries.signal_settings import parameters_of
from ranking.signals.parameters import SignalParameters, fingerprint
from simulations.core.splits import Fold, folds_of
from simulations.operations.as_of import AsOf, compute_as_of, put_together
from simulations.operations.material import Material, read_material
from tuning.core.space import Space, Values, placed
from tuning.core.spec import SweepSpec

from .asked import AskedFold, ask_fold
from .measured import Measured, measured
from .shelf import Shelf

FAN_OUTS = frozenset({*SOURCE_FANOUTS.values(), "new_user_pop_fanout"})
_MOST_POOLS, _MOST_WORLDS = 2, 4

type Lists = list[NDArray[np.int64]]
type Early = Callable[[Mapping[str, float | None]], bool]
"""Told the figures with a quarter of the users; says whether to end there."""


@dataclass(kw_only=True)
class Bench:
    """All that trials of one sweep share in one process. Use it in a `with`."""

    spec: SweepSpec
    material: Material
    configuration: Configuration
    profile: str
    document: Mapping[str, Any]
    folds: list[Fold]
    shelf: Shelf
    """Where signals stand for others on this host, too."""

    _worlds: OrderedDict[str, list[AsOf]] = field(default_factory=OrderedDict)
    _asked: OrderedDict[str, list[AskedFold]] = field(default_factory=OrderedDict)
    builds: int = 0
    gatherings: int = 0

    @classmethod
    def opened(
        cls,
        namespace: Namespace,
        spec: SweepSpec,
        *,
        profile: str,
        document: Mapping[str, Any],
        at: datetime,
        shelf: Shelf,
    ) -> Self:
        """Read the namespace. Called outside any transaction.

        Raises
        ------
        SplitError
            If the events cannot be split as the spec wants.
        """
        material = read_material(namespace, at=at)
        return cls(
            spec=spec,
            material=material,
            configuration=material.plan.configuration,
            profile=profile,
            document=document,
            folds=folds_of(material.events, spec.evaluation.split),
            shelf=shelf,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._asked.clear()
        self._worlds.clear()

    @property
    def space(self) -> Space:
        return self.spec.space

    @property
    def fingerprint(self) -> str:
        """Equal for equal events, items and configuration beside the profile."""
        others = msgspec.structs.replace(
            self.configuration, profiles={}, profile_in_force=None
        )
        told = [self.material.fingerprint, content_hash(others).hex(), self.document]
        return fingerprint(told)

    def start_values(self) -> dict[str, Any]:
        """Return what the profile as it is says of each parameter."""
        return {
            each.name: getattr(self._knobs_at(each.segment, each.surface), each.knob)
            for each in self.space.parameters
        }

    def _knobs_at(self, segment: str | None, surface: str | None) -> Any:
        request = self._request(surface=surface)
        plan = self._plan(self.document)
        return plan.base(request, Match(segment_id=segment)).knobs

    def try_out(self, values: Values, *, early: Early | None = None) -> Measured:
        """Measure the profile with some values, as it would rank once published."""
        plan = self._plan(placed(self.document, self.space, values))
        asked = self.asked(values)
        with one_thread():
            return self._try_out(asked, plan, early=early)

    def _try_out(
        self, asked: Sequence[AskedFold], plan: Plan, *, early: Early | None
    ) -> Measured:
        knobs = [fold.knobs(plan) for fold in asked]
        lists = [fold.nothing() for fold in asked]
        if early is not None:
            for fold, each, found in zip(asked, knobs, lists, strict=True):
                fold.fill(found, each, rows=fold.sample)
            told = measured(asked, lists, self.spec, only_sample=True)
            if early(told.metrics):
                return told
        for fold, each, found in zip(asked, knobs, lists, strict=True):
            rows = fold.everybody if early is None else fold.rest
            fold.fill(found, each, rows=rows)
        return measured(asked, lists, self.spec)

    def asked(self, values: Values) -> list[AskedFold]:
        """Return everybody with their pools, as a profile with some values needs."""
        document = placed(self.document, self.space, values)
        return self._asked_with(document, self._plan(document))

    def key_of(self, values: Values) -> str:
        """Return what stands for all that is shared with other trials: their pools."""
        document = placed(self.document, self.space, values)
        return self._key(document, self._plan(document))

    @property
    def loaded(self) -> list[str]:
        """The keys of which pools are at hand."""
        return list(self._asked)

    def _key(self, document: Mapping[str, Any], plan: Plan) -> str:
        told = [msgspec.to_builtins(self._parameters(plan)), _gathered_by(document)]
        return fingerprint(told)

    def _plan(self, document: Mapping[str, Any]) -> Plan:
        version = self.configuration.profiles.get(
            self.profile, Profile(name="")
        ).version
        profile = read_profile(self.profile, document, version=version)
        return Plan.of(
            msgspec.structs.replace(
                self.configuration,
                profiles={**self.configuration.profiles, self.profile: profile},
                profile_in_force=self.profile,
            )
        )

    def _request(self, *, surface: str | None) -> Request:
        return Request(namespace=self.configuration.namespace, surface=surface)

    def _parameters(self, plan: Plan) -> SignalParameters:
        return parameters_of(
            plan.base(self._request(surface=None), Match()).knobs, plan
        )

    def _asked_with(self, document: Mapping[str, Any], plan: Plan) -> list[AskedFold]:
        key = self._key(document, plan)
        known = self._asked.get(key)
        if known is not None:
            self._asked.move_to_end(key)
            return known
        # Make room first: two sets of pools at once are what memory is planned for.
        while len(self._asked) >= _MOST_POOLS:
            self._asked.popitem(last=False)
        widest = self._plan(placed(document, self.space, self._largest_fan_outs()))
        worlds = self._worlds_with(self._parameters(plan))
        with one_thread():
            found = [
                ask_fold(self.material, fold, self.spec.evaluation, world, plan=widest)
                for fold, world in zip(self.folds, worlds, strict=True)
            ]
        self.gatherings += 1
        self._asked[key] = found
        return found

    def _largest_fan_outs(self) -> dict[str, Any]:
        return {
            each.name: each.largest
            for each in self.space.parameters
            if each.knob in FAN_OUTS
        }

    def _worlds_with(self, parameters: SignalParameters) -> list[AsOf]:
        key = fingerprint(msgspec.to_builtins(parameters))
        known = self._worlds.get(key)
        if known is None:
            while len(self._worlds) >= _MOST_WORLDS:
                self._worlds.popitem(last=False)
            known = [
                self._built(number, fold, parameters)
                for number, fold in enumerate(self.folds)
            ]
            self._worlds[key] = known
        self._worlds.move_to_end(key)
        return known

    def _built(self, number: int, fold: Fold, parameters: SignalParameters) -> AsOf:
        with self.shelf.part(number) as part:
            computed = compute_as_of(
                self.material,
                fold,
                directory=part.folder,
                parameters=parameters,
                known=part.known,
                keep_solved=False,
            )
            part.add(computed.built.columns.values())
        self.builds += 1
        return put_together(computed)


def one_thread() -> AbstractContextManager[Any]:
    """Have BLAS keep to one thread: its others spin while they wait for small work."""
    limits: AbstractContextManager[Any] = threadpool_limits(1, user_api="blas")
    return limits


def _gathered_by(document: Mapping[str, Any]) -> str:
    """Return what of a profile decides which candidates are drawn, beside fan-outs."""
    apart = ("surfaces", "segment_profiles")
    bundles: list[tuple[str, Mapping[str, Any]]] = [
        ("", {key: value for key, value in document.items() if key not in apart})
    ]
    bundles += [
        (f"{kind}.{name}", bundle)
        for kind in apart
        for name, bundle in sorted((document.get(kind) or {}).items())
    ]
    told = [[name, _gather_knobs(each)] for name, each in bundles]
    # A bundle that decides nothing here is as good as none.
    return json.dumps([each for each in told if each[1]])


def _gather_knobs(bundle: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
    values, _ = parse(bundle)
    return sorted(
        (name, value)
        for name, value in values.items()
        if KNOBS_BY_NAME[name].stage == "gather" and name not in FAN_OUTS
    )
