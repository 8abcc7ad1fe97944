"""Which value of each knob a request gets, and from which layer it comes.

Low to high: built-in defaults, the environment, what it says of the segment,
the profile, its bundle for the surface, its bundle for the segment, the
segment's own profile, the block for new users, an experiment's arm, the
request's overrides, the request's blend. A layer sets only the knobs it
contains.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from rules.core.compile import Rulebook, compile_rules

from .asked import asked_context
from .configuration import (
    BanditPolicy,
    Bundle,
    Configuration,
    EventType,
    Profile,
)
from .knobs import DEFAULTS, KNOBS, Knobs, Value, parse
from .request import Request
from .segments import CompiledSegment, Match, compile_segments

type Layer = tuple[str, Mapping[str, Value]]
"""Name of a layer and the knobs that it sets."""

MOST_REMEMBERED = 1000


class Situation(NamedTuple):
    """All of a request that decides which bundles of a configuration apply."""

    profile: str | None
    surface: str | None
    segment: str | None
    segment_profile: str | None


@dataclass(frozen=True, slots=True)
class Resolved:
    """The knobs of one request."""

    knobs: Knobs
    sources: Mapping[str, str]
    """Knob name to layer, for every knob that is not at its built-in default."""

    warnings: tuple[str, ...] = ()

    def with_layer(self, name: str, values: Mapping[str, Value]) -> Resolved:
        """Return the knobs with one more layer on top."""
        if not values:
            return self
        return Resolved(
            replace(self.knobs, **values),  # type: ignore[arg-type]
            {**self.sources, **dict.fromkeys(values, name)},
            self.warnings,
        )

    def value_layers(self) -> dict[str, dict[str, Any]]:
        """Return value and layer of every knob, for people."""
        return {
            knob.name: {
                "value": getattr(self.knobs, knob.name),
                "source": self.sources.get(knob.name, "default"),
            }
            for knob in KNOBS
        }


class UnknownProfileError(LookupError):
    """A request names a profile that the configuration does not hold."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A configuration made ready to be asked: rules read, bundles checked.

    Make one per configuration and keep it; it remembers the situations that
    it has resolved before.
    """

    configuration: Configuration
    segments: tuple[CompiledSegment, ...]
    event_types: Mapping[int, EventType]
    rulebook: Rulebook
    asked_context: frozenset[str]
    """Facts of a request's context that segments and rules look at."""

    _remembered: dict[Situation, Resolved] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, configuration: Configuration) -> Plan:
        """Read a configuration.

        Raises
        ------
        RuleError
            If a segment's rule cannot be read.
        """
        return cls(
            configuration,
            compile_segments(configuration.segments),
            {event_type.type: event_type for event_type in configuration.event_types},
            compile_rules(configuration.obeyed),
            asked_context(configuration),
        )

    def base(self, request: Request, match: Match) -> Resolved:
        """Return the knobs before anything that only this request says.

        Raises
        ------
        UnknownProfileError
            If the request names a profile that does not exist.
        KnobError
            If the configuration holds a value outside its knob's range.
        """
        situation = Situation(
            request.profile, request.surface, match.segment_id, match.profile_id
        )
        known = self._remembered.get(situation)
        if known is None:
            known = _stack(self._layers(situation))
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[situation] = known
        return known

    def profile_of(self, request: Request) -> Profile | None:
        """Return the profile that a request gets: the one it names, or in force."""
        return self._profile(request.profile)

    def policy(self, policy_id: str) -> BanditPolicy | None:
        """Return a bandit's policy, active or not; None when there is none."""
        policies = self.configuration.bandit_policies
        return next((each for each in policies if each.policy_id == policy_id), None)

    def policy_values(self, policy_id: str) -> Mapping[str, Value]:
        """Return the knobs that a bandit's policy sets; none of an unknown one."""
        policy = self.policy(policy_id)
        return {} if policy is None else _read(policy.knobs)

    def _profile(self, name: str | None) -> Profile | None:
        configuration = self.configuration
        if name is None:
            name = configuration.profile_in_force
            return None if name is None else configuration.profiles[name]
        if name not in configuration.profiles:
            raise UnknownProfileError(name)
        return configuration.profiles[name]

    def _layers(self, situation: Situation) -> Iterable[Layer]:
        configuration = self.configuration
        yield "environment", _read(configuration.environment)
        yield from _bundle(
            "environment", configuration.environment_segments, situation.segment
        )
        profile = self._profile(situation.profile)
        if profile is not None:
            yield f"profile:{profile.name}", _read(profile.knobs)
            yield from _bundle("surface", profile.surfaces, situation.surface)
            yield from _bundle("segment", profile.segments, situation.segment)
        yield from _bundle(
            "segment_profile", configuration.segment_profiles, situation.segment_profile
        )


def _bundle(
    kind: str, bundles: Mapping[str, Bundle], name: str | None
) -> Iterable[Layer]:
    if name is None:
        return
    for key, bundle in bundles.items():
        if key.casefold() == name.casefold():
            yield f"{kind}:{key}", _read(bundle)


def _read(bundle: Bundle) -> Mapping[str, Value]:
    values, _ = parse(bundle)
    return values


def _stack(layers: Iterable[Layer]) -> Resolved:
    resolved = Resolved(DEFAULTS, {})
    for name, values in layers:
        resolved = resolved.with_layer(name, values)
    return resolved
