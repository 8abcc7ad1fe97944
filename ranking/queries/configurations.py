"""All that serving obeys in a namespace, gathered into one document."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from catalog.models import Namespace
from catalog.operations.event_types import event_types
from ranking.core.configuration import (
    BanditPolicy,
    Configuration,
    EventType,
    Profile,
    Segment,
    SegmentRule,
    read_profile,
)
from ranking.core.knobs import (
    BlendOverrides,
    parse_blend_overrides,
    parse_environment,
    to_document,
)
from ranking.models import BanditPolicy as BanditPolicyRow
from ranking.models import Profile as ProfileRow
from ranking.models import ProfileVersion, SegmentProfile
from ranking.models import Segment as SegmentRow
from rules.core.rule import RULES_SWITCH, Kind
from rules.models import ChangeSet, ChangeSetItem
from rules.queries.live import live_overrides, live_rules, with_changes

from .experiments import running_experiments

_MOST_REMEMBERED = 1_000


@functools.lru_cache(maxsize=_MOST_REMEMBERED)
def environment(namespace: str) -> Mapping[str, Any]:
    """Return the knobs that this process's environment sets there, as a document."""
    everywhere = parse_environment(os.environ)
    return to_document({**everywhere, **_overrides().of_namespace(namespace)})


@functools.cache
def _overrides() -> BlendOverrides:
    return parse_blend_overrides(os.environ)


def environment_segments() -> Mapping[str, Mapping[str, Any]]:
    """Return what this process's environment sets for single segments."""
    return {name: to_document(each) for name, each in _overrides().segments.items()}


def built_in_configuration(namespace: str) -> Configuration:
    """Return what a namespace obeys for which nothing was ever published."""
    return Configuration(
        namespace=namespace,
        environment=environment(namespace),
        environment_segments=environment_segments(),
    )


def compose(
    namespace: Namespace,
    *,
    draft: ProfileVersion | None = None,
    change_sets: Sequence[ChangeSet] = (),
    changes: Sequence[ChangeSetItem] = (),
) -> Configuration:
    """Return what would be published now.

    With a draft it is as if the draft were published and its profile in force; with
    change sets, as if they were published; with changes, which need not be stored, as
    if those were as well.
    """
    rows = list(ProfileRow.objects.filter(namespace=namespace).order_by("name"))
    profiles = _profiles(rows, draft=draft)
    in_force = next((row.name for row in rows if row.in_force), None)
    if draft is not None:
        in_force = draft.profile.name
    return Configuration(
        namespace=namespace.name,
        environment=environment(namespace.name),
        environment_segments=environment_segments(),
        profiles=profiles,
        profile_in_force=in_force if in_force in profiles else None,
        segments=_segments(namespace),
        segment_profiles=dict(
            SegmentProfile.objects.filter(namespace=namespace)
            .order_by("profile_id")
            .values_list("profile_id", "knobs")
        ),
        event_types=_event_types(namespace),
        rules=live_rules(namespace, drafts=change_sets, changes=changes),
        overrides=live_overrides(namespace, drafts=change_sets, changes=changes),
        switches={
            name: value
            for name, value in sorted(namespace.switches.items())
            if isinstance(value, bool)
        },
        bandit_policies=_bandit_policies(namespace),
        experiments=running_experiments(namespace, profiles=profiles),
    )


def with_rule_changes(
    configuration: Configuration, changes: Sequence[ChangeSetItem]
) -> Configuration:
    """Return what would be published with changes of rules, which need not be stored.

    The same as to :func:`compose` with them, while nothing else was changed.
    """
    if configuration.switches.get(RULES_SWITCH) is False:
        return configuration
    return msgspec.structs.replace(
        configuration,
        rules=with_changes(configuration.rules, changes, kind=Kind.RULE),
        overrides=with_changes(configuration.overrides, changes, kind=Kind.OVERRIDE),
    )


def _profiles(
    rows: Sequence[ProfileRow], *, draft: ProfileVersion | None
) -> dict[str, Profile]:
    numbers = {row.pk: row.published_number for row in rows if row.published_number}
    versions = ProfileVersion.objects.filter(profile__in=numbers).order_by("number")
    chosen = [each for each in versions if each.number == numbers[each.profile_id]]
    if draft is not None:
        chosen = [each for each in chosen if each.profile_id != draft.profile_id]
        chosen.append(draft)
    names = {row.pk: row.name for row in rows}
    return {
        name: read_profile(name, each.config, version=each.number)
        for name, each in sorted((names[each.profile_id], each) for each in chosen)
    }


def _segments(namespace: Namespace) -> tuple[Segment, ...]:
    rows = (
        SegmentRow.objects.filter(namespace=namespace, active=True)
        .select_related("profile")
        .prefetch_related("rules")
        .order_by("-priority", "segment_id")
    )
    return tuple(
        Segment(
            segment_id=row.segment_id,
            priority=row.priority,
            profile_id=row.profile.profile_id if row.profile else None,
            rules=tuple(
                SegmentRule(rule_id=str(rule.pk), rule=rule.rule)
                for rule in sorted(row.rules.all(), key=lambda rule: rule.pk)
                if rule.enabled
            ),
        )
        for row in rows
    )


def _bandit_policies(namespace: Namespace) -> tuple[BanditPolicy, ...]:
    rows = BanditPolicyRow.objects.filter(namespace=namespace).order_by("policy_id")
    return tuple(
        BanditPolicy(policy_id=row.policy_id, active=row.active, knobs=row.knobs)
        for row in rows
    )


def _event_types(namespace: Namespace) -> tuple[EventType, ...]:
    return tuple(
        EventType(
            type=each.type,
            name=each.name,
            weight=each.weight,
            half_life_days=each.half_life_days,
        )
        for each in event_types(namespace)
        if each.is_active
    )
