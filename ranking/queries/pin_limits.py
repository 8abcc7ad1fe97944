"""How many places of a page pins may take, by the knobs in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import F

from catalog.models import Namespace
from ranking.core.configuration import Configuration, Profile, read_profile
from ranking.core.layers import Plan
from ranking.core.request import Request
from ranking.core.segments import Match
from ranking.models import ProfileVersion
from rules.core.rule import EVERY_SURFACE

from .configurations import environment


def pin_limits(namespace: Namespace, surfaces: Iterable[str]) -> Mapping[str, int]:
    """Return the most pins of a page by surface, for whoever is in no segment."""
    profile = _in_force(namespace)
    plan = Plan.of(
        Configuration(
            namespace=namespace.name,
            environment=environment(namespace.name),
            profiles={} if profile is None else {profile.name: profile},
            profile_in_force=None if profile is None else profile.name,
        )
    )
    return {surface: _limit(plan, surface) for surface in surfaces}


def _limit(plan: Plan, surface: str) -> int:
    asked = Request(surface=None if surface == EVERY_SURFACE else surface)
    return plan.base(asked, Match()).knobs.rules_max_pin_slots


def _in_force(namespace: Namespace) -> Profile | None:
    """Return the profile in force without any other, as its published version says."""
    version = (
        ProfileVersion.objects.filter(
            profile__namespace=namespace,
            profile__in_force=True,
            number=F("profile__published_number"),
        )
        .select_related("profile")
        .first()
    )
    if version is None:
        return None
    return read_profile(version.profile.name, version.config, version=version.number)
