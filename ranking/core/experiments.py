"""Experiments: who gets which variant, decided without memory and without chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from .knobs import Value, parse
from .subjects import share_of

METRICS = {
    "conversion": "subjects who bought something",
    "purchases": "purchases a subject",
    "purchase_value": "value of purchases a subject",
    "clicks": "clicks a subject",
    "engagement": "weighted events a subject",
}
"""What an experiment is judged by, in words."""

BANDITS = "bandit"
"""What the arms of bandits are searched by; no experiment has that name."""

SUBJECT_FACTS = ("session_id", "anonymous_id")
"""Facts of a call's context that name somebody without a user id, best first."""


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One of the ways in which an experiment answers."""

    name: str
    weight: float = 1.0
    """Its part of those who take part, relative to the other variants."""

    profile: str | None = None
    """Answers as if this profile were in force; None: the one in force."""

    knobs: Mapping[str, Any] = {}
    """Under their admin names, above the profile."""

    @property
    def values(self) -> Mapping[str, Value]:
        """The knobs by name, checked."""
        return parse(self.knobs)[0]


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """A comparison that runs."""

    name: str
    salt: str
    """Makes its assignment another one than every other experiment's."""

    variants: tuple[Variant, ...]
    """At least two; the first is what the others are compared with."""

    surface: str | None = None
    """Where it runs; None: everywhere."""

    share: float = 1.0
    """Of subjects who take part, in [0, 1]."""

    starts_us: int = 0
    ends_us: int | None = None
    """On the wall clock, microseconds since 1970; the end is exclusive."""

    def runs(self, *, surface: str | None, at_us: int) -> bool:
        """Say whether a request of a surface at a moment meets it."""
        return (
            self.surface in (None, surface)
            and self.starts_us <= at_us
            and (self.ends_us is None or at_us < self.ends_us)
        )

    def variant_of(self, subject: str) -> Variant | None:
        """Return what a subject gets, always the same; None outside the traffic.

        Two independent places decide: whether somebody takes part, and which
        variant they get. So more traffic later moves nobody to another variant.
        """
        if share_of(f"traffic:{self.salt}", subject=subject) >= self.share:
            return None
        place = share_of(f"variant:{self.salt}", subject=subject)
        place *= sum(variant.weight for variant in self.variants)
        for variant in self.variants:
            place -= variant.weight
            if place < 0:
                return variant
        return self.variants[-1]


@dataclass(frozen=True, slots=True)
class Assignment:
    """The variant that one request gets."""

    experiment: Experiment
    variant: Variant

    @property
    def name(self) -> str:
        """Experiment and variant, as decisions are searched by."""
        return arm_name(self.experiment.name, self.variant.name)


def arm_name(experiment: str, variant: str) -> str:
    """Return the name under which decisions keep a variant.

    >>> arm_name("blend", "b")
    'blend/b'
    """
    return f"{experiment}/{variant}"


def assign(
    experiments: Sequence[Experiment],
    *,
    surface: str | None,
    subject: str | None,
    at_us: int,
) -> Assignment | None:
    """Return the variant of a request; None outside every experiment.

    Of several experiments that a subject takes part in the first counts, so
    that nobody is in two at once on one surface.
    """
    if subject is None:
        return None
    for experiment in experiments:
        if experiment.runs(surface=surface, at_us=at_us):
            variant = experiment.variant_of(subject)
            if variant is not None:
                return Assignment(experiment, variant)
    return None


def subject_of(user_id: str | None, context: Mapping[str, Any]) -> str | None:
    """Return who is assigned: the user, else the session; None for nobody known.

    >>> subject_of(None, {"session_id": "s1"})
    'session_id:s1'
    """
    if user_id is not None:
        return f"user:{user_id}"
    for name in SUBJECT_FACTS:
        value = context.get(name)
        if isinstance(value, str) and value:
            return f"{name}:{value}"
    return None
