"""Fill a private namespace: the owner's configuration, and a shop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from catalog.core.wire import EventTypeIn
from catalog.demo.plan import plan_of
from catalog.demo.shop import Shop
from catalog.importers.tally import Tally
from catalog.models import EventType, Namespace
from catalog.operations.event_types import upsert_event_types
from catalog.operations.events import store_event_rows
from catalog.operations.items import upsert_items
from catalog.operations.runs import RunHandle
from catalog.operations.users import upsert_users
from ranking.models import (
    DEFAULT_PROFILE,
    Profile,
    Segment,
    SegmentProfile,
    SegmentRule,
)
from ranking.operations.profiles import (
    Edit,
    NoSuchVersionError,
    find_profile,
    find_version,
    profile_in_force,
    publish_profile,
    put_in_force,
)
from ranking.operations.publishing import publish_configuration
from ranking.queries.shipped_profiles import shipped_profile, shipped_profiles

AUTHOR = "simulation"


@dataclass(frozen=True, kw_only=True)
class Obeyed:
    """What a private namespace obeys, and what that is compared with."""

    words: str
    base: str = ""
    base_profile: str | None = None
    """Name of the owner's profile in force, where another one is tried."""


def copy_configuration(
    owner: Namespace,
    private: Namespace,
    *,
    profile: str | None,
    at: datetime,
    template: str | None = None,
) -> Obeyed:
    """Have a private namespace obey what its owner obeys, rules left out.

    An owner without any profile gets what ships for the template of its shop.

    Raises
    ------
    NoSuchVersionError
        If the owner has no such profile.
    """
    _copy_event_types(owner, private, at=at)
    _copy_segments(owner, private, at=at)
    in_force = profile_in_force(owner)
    tried = in_force if profile is None else find_profile(owner, profile)
    if tried is None and template is not None and template in shipped_profiles():
        return Obeyed(words=_ship_profile(template, private, at=at))
    if tried is None:
        publish_configuration(private, cause="defaults", at=at, author=AUTHOR)
        return Obeyed(words="the defaults")
    if in_force is None or in_force.pk == tried.pk:
        return Obeyed(words=_copy_profile(tried, private, at=at))
    base = _copy_profile(in_force, private, at=at)
    words = _copy_profile(tried, private, at=at)
    edit = Edit(at=at, author=AUTHOR, source="command")
    put_in_force(find_profile(private, tried.name), edit=edit)
    return Obeyed(words=words, base=base, base_profile=in_force.name)


def _ship_profile(template: str, private: Namespace, *, at: datetime) -> str:
    edit = Edit(at=at, author=AUTHOR, source="command")
    config = shipped_profile(template)["config"]
    publish_profile(private, DEFAULT_PROFILE, config=config, edit=edit)
    return f"the profile that ships for {template}"


def _copy_profile(profile: Profile, private: Namespace, *, at: datetime) -> str:
    number = profile.published_number or _newest(profile)
    config = find_version(profile, number).config
    edit = Edit(at=at, author=AUTHOR, source="command")
    publish_profile(private, profile.name, config=config, edit=edit)
    return f"{profile.name}, version {number}"


def fill(private: Namespace, shop: Shop, *, at: datetime, handle: RunHandle) -> int:
    """Store a shop, and return how many events it has."""
    plan = plan_of(shop)
    total, done, events = sum(step.weight for step in plan.steps) or 1.0, 0.0, 0
    for step in plan.steps:
        for batch in step.batches(Tally(), skip=0):
            handle.check_cancelled()
            upsert_items(private, batch.items, at=at, appeared_us=batch.appeared_us)
            upsert_users(private, batch.users, at=at)
            if batch.events is not None:
                events += store_event_rows(private, batch.events, at=at).accepted
            share = (done + step.weight * batch.read) / total
            handle.progress(share, f"Filling it with {step.name}")
        done += step.weight
    return events


def _newest(profile: Profile) -> int:
    newest = profile.versions.order_by("-number").values_list("number", flat=True)
    number = newest.first()
    if number is None:
        raise NoSuchVersionError(f"{profile.name} has no version")
    return int(number)


def _copy_event_types(owner: Namespace, private: Namespace, *, at: datetime) -> None:
    rows = EventType.objects.filter(namespace=owner).order_by("type")
    types = [
        EventTypeIn(
            type=row.type,
            name=row.name,
            weight=row.weight,
            half_life_days=row.half_life_days,
            is_active=row.is_active,
        )
        for row in rows
    ]
    if types:
        upsert_event_types(private, types, at=at)


def _copy_segments(owner: Namespace, private: Namespace, *, at: datetime) -> None:
    """Copy segments with rules and profiles; the profile's publication takes them."""
    profiles: dict[int, SegmentProfile] = {}
    for known in SegmentProfile.objects.filter(namespace=owner).order_by("pk"):
        profiles[known.pk] = SegmentProfile.objects.create(
            org_id=private.org_id,
            namespace=private,
            profile_id=known.profile_id,
            knobs=known.knobs,
            created_at=at,
            updated_at=at,
        )
    for segment in Segment.objects.filter(namespace=owner).order_by("pk"):
        copied = Segment.objects.create(
            org_id=private.org_id,
            namespace=private,
            segment_id=segment.segment_id,
            priority=segment.priority,
            active=segment.active,
            profile=profiles.get(segment.profile_id or 0),
            created_at=at,
            updated_at=at,
        )
        for rule in SegmentRule.objects.filter(segment=segment).order_by("pk"):
            SegmentRule.objects.create(
                org_id=private.org_id,
                namespace=private,
                segment=copied,
                rule=rule.rule,
                enabled=rule.enabled,
            )
