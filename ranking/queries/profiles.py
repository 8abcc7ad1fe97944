"""Profiles as ranking takes them."""

from __future__ import annotations

from catalog.models import Namespace
from ranking.core.configuration import Profile, read_profile
from ranking.models import ProfileVersion


def published_profile(
    namespace: Namespace, *, name: str, version: int | None = None
) -> Profile | None:
    """Return a version of a profile, by default the published one, if it exists."""
    versions = ProfileVersion.objects.filter(
        profile__namespace=namespace, profile__name=name
    ).select_related("profile")
    found = next(
        (
            each
            for each in versions.order_by("-number")
            if each.number == (version or each.profile.published_number)
        ),
        None,
    )
    if found is None:
        return None
    return read_profile(name, found.config, version=found.number)
