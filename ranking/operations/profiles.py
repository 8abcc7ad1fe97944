"""Profiles: new versions, which of them is published, which profile is in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.models import Namespace
from ranking.models import DEFAULT_PROFILE, Profile, ProfileVersion, VersionSource

from .documents import clean
from .gates import require_unbroken
from .publishing import publish_configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Who changes something, through which door, and why."""

    at: datetime
    author: str = ""
    notes: str = ""
    source: str = VersionSource.API
    overruled_because: str = ""
    """Why an operator puts in force what a guardrail forbids."""

    may_overrule: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    """What was published, and what of the sent document was left out."""

    profile: Profile
    version: ProfileVersion
    warnings: tuple[str, ...] = ()


class VersionConflictError(RuntimeError):
    """Somebody else published in between."""

    def __init__(self, current: int) -> None:
        super().__init__(f"version {current} is published now")
        self.current = current


class NoSuchVersionError(LookupError):
    """The profile, or that version of it, does not exist."""


class ProfileInUseError(RuntimeError):
    """The namespace obeys the profile, so that it cannot be deleted."""


def profile_in_force(namespace: Namespace) -> Profile | None:
    return Profile.objects.filter(namespace=namespace, in_force=True).first()


def find_profile(namespace: Namespace, name: str) -> Profile:
    profile = Profile.objects.filter(namespace=namespace, name=name).first()
    if profile is None:
        raise NoSuchVersionError(f"there is no profile {name}")
    return profile


def find_version(profile: Profile, number: int) -> ProfileVersion:
    version = ProfileVersion.objects.filter(profile=profile, number=number).first()
    if version is None:
        raise NoSuchVersionError(f"{profile.name} has no version {number}")
    version.profile = profile
    return version


def draft_version(
    namespace: Namespace, name: str, *, config: Mapping[str, Any], edit: Edit
) -> Published:
    """Store a version that nothing obeys until it is published."""
    cleaned = clean(config)
    profile = _locked(namespace, name, at=edit.at)
    version = _add_version(profile, config=cleaned.config, edit=edit)
    return Published(profile, version, cleaned.warnings)


def publish_profile(
    namespace: Namespace,
    name: str | None = None,
    *,
    config: Mapping[str, Any],
    edit: Edit,
    expected: int | None = None,
) -> Published:
    """Store a version and publish it; without a name for the profile in force.

    The first profile of a namespace is put in force.

    Raises
    ------
    KnobError, BadInputError
        If the document holds a wrong value.
    VersionConflictError
        If another version than the expected one is published.
    """
    cleaned = clean(config)
    current = profile_in_force(namespace)
    if name is None:
        name = current.name if current else DEFAULT_PROFILE
    profile = _locked(namespace, name, at=edit.at)
    if expected is not None and profile.published_number != expected:
        raise VersionConflictError(profile.published_number)
    version = _add_version(profile, config=cleaned.config, edit=edit)
    if current is None:
        profile.in_force = True
    _publish(profile, version, edit=edit, verb="published")
    return Published(profile, version, cleaned.warnings)


def publish_draft(profile: Profile, number: int, *, edit: Edit) -> Published:
    """Publish a version that is already stored."""
    profile = _locked(profile.namespace, profile.name, at=edit.at)
    version = find_version(profile, number)
    if not Profile.objects.filter(
        namespace=profile.namespace_id, in_force=True
    ).exists():
        profile.in_force = True
    _publish(profile, version, edit=edit, verb="published")
    return Published(profile, version)


def roll_back(profile: Profile, *, edit: Edit, number: int | None = None) -> Published:
    """Publish the content of an earlier version again, as a new version.

    Without a number it is the version before the published one. Going back asks no
    check, so a newer draft, which was never in force, is not what one goes back to.

    Raises
    ------
    NoSuchVersionError
        If there is no such earlier version.
    """
    profile = _locked(profile.namespace, profile.name, at=edit.at)
    if number is None:
        number = profile.published_number - 1
    earlier = find_version(profile, number)
    if number > profile.published_number:
        raise NoSuchVersionError(
            f"version {number} of {profile.name} is a draft: publish it instead"
        )
    version = _add_version(profile, config=earlier.config, edit=edit)
    _publish(profile, version, edit=edit, verb=f"rolled back to version {number},")
    return Published(profile, version)


def put_in_force(profile: Profile, *, edit: Edit) -> Published:
    """Have the namespace obey this profile in place of the one in force."""
    profile = _locked(profile.namespace, profile.name, at=edit.at)
    version = find_version(profile, profile.published_number)
    Profile.objects.filter(namespace=profile.namespace_id, in_force=True).exclude(
        pk=profile.pk
    ).update(in_force=False)
    profile.in_force = True
    profile.save(update_fields=["in_force"])
    _require_unbroken(profile.namespace, edit=edit)
    publish_configuration(
        profile.namespace,
        cause=f"profile {profile.name} put in force",
        at=edit.at,
        author=edit.author,
    )
    return Published(profile, version)


def delete_profile(profile: Profile, *, edit: Edit) -> int:
    """Remove a profile with its versions and return how many there were.

    Raises
    ------
    ProfileInUseError
        If it is in force.
    """
    profile = _locked(profile.namespace, profile.name, at=edit.at)
    if profile.in_force:
        raise ProfileInUseError(
            f"{profile.name} is in force; put another profile in force first"
        )
    versions = ProfileVersion.objects.filter(profile=profile).count()
    was_published = profile.published_number > 0
    profile.delete()
    if was_published:
        publish_configuration(
            profile.namespace,
            cause=f"profile {profile.name} deleted",
            at=edit.at,
            author=edit.author,
        )
    return versions


def copy_profile(
    profile: Profile, *, to: Namespace, name: str | None = None, edit: Edit
) -> Published:
    """Store what a profile says as a draft in a namespace of the same org.

    Nothing there obeys the copy until somebody publishes it.
    """
    version = find_version(profile, profile.published_number)
    return draft_version(to, name or profile.name, config=version.config, edit=edit)


def _locked(namespace: Namespace, name: str, *, at: datetime) -> Profile:
    """Return the profile, made if need be, with its row locked."""
    Profile.objects.bulk_create(
        [
            Profile(
                org_id=namespace.org_id, namespace=namespace, name=name, created_at=at
            )
        ],
        ignore_conflicts=True,
    )
    profile = Profile.objects.select_for_update().get(namespace=namespace, name=name)
    profile.namespace = namespace
    return profile


def _add_version(
    profile: Profile, *, config: Mapping[str, Any], edit: Edit
) -> ProfileVersion:
    newest = (
        ProfileVersion.objects.filter(profile=profile)
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
    )
    return ProfileVersion.objects.create(
        org_id=profile.org_id,
        namespace_id=profile.namespace_id,
        profile=profile,
        number=(newest or 0) + 1,
        config=config,
        author=edit.author[:150],
        notes=edit.notes,
        source=edit.source,
        created_at=edit.at,
    )


def _publish(
    profile: Profile, version: ProfileVersion, *, edit: Edit, verb: str
) -> None:
    profile.published_number = version.number
    profile.published_at = edit.at
    profile.published_by = edit.author[:150]
    profile.save(
        update_fields=["published_number", "published_at", "published_by", "in_force"]
    )
    if not verb.startswith("rolled back"):
        _require_unbroken(profile.namespace, edit=edit)
    publish_configuration(
        profile.namespace,
        cause=f"profile {profile.name} {verb} as version {version.number}",
        at=edit.at,
        author=edit.author,
    )


def _require_unbroken(namespace: Namespace, *, edit: Edit) -> None:
    require_unbroken(
        namespace,
        at=edit.at,
        because=edit.overruled_because,
        may_overrule=edit.may_overrule,
        by=edit.author,
    )
