"""The serving configuration: one immutable document per namespace.

It holds all that staff and operators decide. A decision's trace names it by
its content hash, so whoever has the document can rank as it was ranked then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from rules.core.rule import RULES_SWITCH, Rule

from .experiments import Experiment

type Bundle = Mapping[str, Any]
"""Knobs under their admin names; holds only what it sets. Null sets nothing."""

NEW_USERS = "new_users"
"""Name of the segment of new users, and of the preset they get by default."""

DEFAULT_SEGMENT = "default"


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A named, versioned bundle of knobs, with bundles by surface and segment."""

    name: str
    version: int = 0
    knobs: Bundle = {}
    surfaces: Mapping[str, Bundle] = {}
    segments: Mapping[str, Bundle] = {}
    """By segment name, in any case."""


class SegmentRule(msgspec.Struct, frozen=True, kw_only=True):
    """One condition of a segment; any of them suffices."""

    rule_id: str
    rule: Mapping[str, Any]
    """In the language of :mod:`ranking.core.segments`."""


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of user. Of several that match the highest priority wins."""

    segment_id: str
    priority: int = 0
    profile_id: str | None = None
    """Key in ``segment_profiles``."""

    rules: tuple[SegmentRule, ...] = ()
    """Enabled rules. A segment without any matches everyone."""


class EventType(msgspec.Struct, frozen=True, kw_only=True):
    """What an event of a type counts."""

    type: int
    name: str
    weight: float
    half_life_days: float | None = None


DEFAULT_EVENT_TYPES = (
    EventType(type=0, name="view", weight=0.1),
    EventType(type=1, name="click", weight=0.3),
    EventType(type=2, name="add", weight=0.7),
    EventType(type=3, name="purchase", weight=1.0),
    EventType(type=4, name="custom", weight=0.2),
)


class BanditPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle of knobs that bandit calls may choose."""

    policy_id: str
    active: bool = True
    """Whether it is chosen when a call names no candidates."""

    knobs: Bundle = {}


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """Everything in force in a namespace at one change number."""

    namespace: str = "default"
    environment: Bundle = {}
    """Knobs that the operator's environment set when this was published."""

    environment_segments: Mapping[str, Bundle] = {}
    """Knobs that it set for single segments, by segment name, in any case."""

    profiles: Mapping[str, Profile] = {}
    profile_in_force: str | None = None
    """Key in ``profiles``; None = built-in defaults."""

    segments: tuple[Segment, ...] = ()
    """Active segments, in any order."""

    segment_profiles: Mapping[str, Bundle] = {}
    event_types: tuple[EventType, ...] = DEFAULT_EVENT_TYPES
    """Active event types."""

    rules: tuple[Rule, ...] = ()
    """Merchandisers' live rules, in any order."""

    overrides: tuple[Rule, ...] = ()
    """Active manual overrides."""

    switches: Mapping[str, bool] = {}
    bandit_policies: tuple[BanditPolicy, ...] = ()
    """In the order of their ids."""

    experiments: tuple[Experiment, ...] = ()
    """Those that run, the first of several that apply counts."""

    @property
    def obeyed(self) -> tuple[Rule, ...]:
        """Rules and overrides, none when they are switched off."""
        if self.switches.get(RULES_SWITCH) is False:
            return ()
        return (*self.rules, *self.overrides)


def encode(configuration: Configuration) -> bytes:
    """Return the canonical form: equal configurations, equal bytes."""
    return msgspec.json.encode(configuration, order="deterministic")


def decode(document: bytes) -> Configuration:
    """Read what :func:`encode` wrote.

    >>> decode(encode(Configuration(namespace="shop"))).namespace
    'shop'
    """
    return msgspec.json.decode(document, type=Configuration)


def content_hash(configuration: Configuration) -> bytes:
    """Return the SHA-256 of the canonical form."""
    return hashlib.sha256(encode(configuration)).digest()


def read_profile(name: str, document: Mapping[str, Any], *, version: int) -> Profile:
    """Read a profile from the flat object of the configuration API.

    ``surfaces`` and ``segment_profiles`` are maps of bundles; every other key
    is a knob. Keys that name no knob are carried along and set nothing.
    """
    apart = ("surfaces", "segment_profiles")
    return Profile(
        name=name,
        version=version,
        knobs={key: value for key, value in document.items() if key not in apart},
        surfaces=document.get("surfaces") or {},
        segments=document.get("segment_profiles") or {},
    )
