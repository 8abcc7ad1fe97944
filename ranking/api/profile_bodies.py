"""Profiles and their versions as clients send them and get them."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, field

from ranking.models import Profile, ProfileVersion


class ProfileBody(Struct, kw_only=True):
    """A profile's new content."""

    namespace: str | None = None
    name: str
    config: dict[str, Any]
    author: str | None = None
    notes: str | None = None
    publish: Annotated[
        bool | None, Meta(description="False keeps it as a draft. True when absent.")
    ] = None


class VersionBody(Struct, kw_only=True):
    """Which version is meant, and who asks."""

    namespace: str | None = None
    version: Annotated[
        int | None, Meta(description="The one before, or the newest, when absent.")
    ] = None
    author: str | None = None
    notes: str | None = None
    overruled_because: Annotated[
        str | None,
        Meta(
            description="Why an operator puts in force what a check found to break a"
            " guardrail. Only the demo key may; operators do it in the admin."
        ),
    ] = None


class CopyBody(Struct, kw_only=True):
    """Where a profile is copied to."""

    namespace: str | None = None
    to: Annotated[str, Meta(description="Another namespace of the same organisation.")]
    name: Annotated[
        str | None, Meta(description="What it is called there; the same when absent.")
    ] = None
    author: str | None = None
    notes: str | None = None


class DiffBody(Struct, kw_only=True):
    """Two versions; of another profile if it is named."""

    namespace: str | None = None
    from_version: Annotated[
        int | None, Meta(description="The one before when absent; 0: the defaults.")
    ] = field(default=None, name="from")
    to_version: Annotated[
        int | None, Meta(description="The published one when absent.")
    ] = field(default=None, name="to")


class ProfileOut(Struct, kw_only=True):
    name: str
    in_force: bool
    version: int
    updated_at: str | None
    updated_by: str


class ProfilesAnswer(Struct):
    namespace: str
    profiles: list[ProfileOut]


class VersionOut(Struct, kw_only=True):
    version: int
    is_published: bool
    author: str
    source: str
    notes: str
    created_at: str


class VersionsAnswer(Struct):
    namespace: str
    name: str
    versions: list[VersionOut]


class Difference(Struct):
    knob: str
    before: Any
    after: Any


class DiffAnswer(Struct, kw_only=True):
    namespace: str
    name: str
    from_version: int = field(name="from")
    to_version: int = field(name="to")
    differences: list[Difference]
    warnings: list[str] | UnsetType = UNSET


EXAMPLE_VERSION = {
    "version": 3,
    "is_published": True,
    "author": "ana",
    "source": "api",
    "notes": "",
    "created_at": "2026-03-01T12:00:00+00:00",
}
EXAMPLE_PROFILE = {
    "name": "default",
    "in_force": True,
    "version": 3,
    "updated_at": "2026-03-01T12:00:00+00:00",
    "updated_by": "ana",
}


def profile_out(row: Profile) -> ProfileOut:
    return ProfileOut(
        name=row.name,
        in_force=row.in_force,
        version=row.published_number,
        updated_at=row.published_at.isoformat() if row.published_at else None,
        updated_by=row.published_by,
    )


def version_out(row: ProfileVersion, profile: Profile) -> VersionOut:
    return VersionOut(
        version=row.number,
        is_published=row.number == profile.published_number,
        author=row.author,
        source=row.source,
        notes=row.notes,
        created_at=row.created_at.isoformat(),
    )
