"""How an address says that a decision is to be replayed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from catalog.models import Namespace
from ranking.core.configuration import Profile
from ranking.models import ProfileVersion
from ranking.queries.profiles import published_profile
from ranking.serve import Mode, Variation

WAYS: Mapping[str, Mode] = {
    "then": Mode.THEN,
    "now": Mode.NOW,
    "rules_off": Mode.RULES_OFF,
    "without": Mode.THEN,
    "profile": Mode.THEN,
}
_MOST_RULES = 50
_MOST_VERSIONS = 60
_SEPARATOR = "@"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to be otherwise, and how to say so."""

    way: str
    variation: Variation
    rules: tuple[str, ...] = ()
    profile: Profile | None = None
    fault: str = ""
    """Why it cannot be replayed so, "" when it can."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """A version of a profile, to choose from."""

    key: str
    words: str
    is_published: bool


def read_asked(sent: QueryDict, namespace: Namespace) -> Asked | None:
    """Return how to replay, None when the address does not say that."""
    way = sent.get("replay", "")
    if way not in WAYS:
        return None
    if way == "without":
        rules = tuple(filter(None, sent.getlist("rule")[:_MOST_RULES]))
        variation = Variation(without_rules=frozenset(rules))
        fault = "" if rules else "Choose the rule that is to be left out."
        return Asked(way=way, variation=variation, rules=rules, fault=fault)
    if way == "profile":
        return _with_profile(sent.get("profile", ""), namespace)
    return Asked(way=way, variation=Variation(mode=WAYS[way]))


def _with_profile(key: str, namespace: Namespace) -> Asked:
    name, _, number = key.rpartition(_SEPARATOR)
    version = int(number) if number.isascii() and number.isdigit() else None
    found = None
    if name and version is not None and len(number) < 9:
        found = published_profile(namespace, name=name, version=version)
    fault = "" if found else "Choose a version of a profile; there is no such one."
    return Asked(
        way="profile", variation=Variation(profile=found), profile=found, fault=fault
    )


def versions_of(namespace: Namespace) -> list[Version]:
    """Return the newest versions of the namespace's profiles."""
    rows: Any = (
        ProfileVersion.objects.filter(namespace=namespace)
        .select_related("profile")
        .defer("config")
        .order_by("-created_at", "-pk")[:_MOST_VERSIONS]
    )
    return [
        Version(
            key=f"{row.profile.name}{_SEPARATOR}{row.number}",
            words=f"{row.profile.name}, version {row.number}",
            is_published=row.number == row.profile.published_number,
        )
        for row in rows
    ]
