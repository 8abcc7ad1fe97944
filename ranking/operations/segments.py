"""Segments and their profiles: written whole, in force at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import ProtectedError

from catalog.core.faults import refuse
from catalog.models import Namespace
from ranking.models import Segment, SegmentProfile, SegmentRule
from rules.core.conditions import RuleError, compile_rule

from .documents import clean_knobs
from .publishing import publish_configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDraft:
    rule: Any
    enabled: bool = True
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentDraft:
    """A segment as it shall be. Its rules replace those stored."""

    segment_id: str
    profile_id: str | None
    name: str = ""
    priority: int = 0
    active: bool = True
    description: str = ""
    rules: Sequence[RuleDraft] = field(default_factory=tuple)


def upsert_segment(
    namespace: Namespace, draft: SegmentDraft, *, at: datetime, author: str = ""
) -> Segment:
    """Store a segment with its rules and put it in force."""
    check_rules(draft.rules)
    profile = _profile_of(namespace, draft.profile_id)
    segment, _ = Segment.objects.update_or_create(
        org_id=namespace.org_id,
        namespace=namespace,
        segment_id=draft.segment_id,
        defaults={
            "name": draft.name,
            "priority": draft.priority,
            "active": draft.active,
            "profile": profile,
            "description": draft.description,
            "updated_at": at,
        },
        create_defaults={
            "name": draft.name,
            "priority": draft.priority,
            "active": draft.active,
            "profile": profile,
            "description": draft.description,
            "created_at": at,
            "updated_at": at,
        },
    )
    SegmentRule.objects.filter(segment=segment).delete()
    SegmentRule.objects.bulk_create(
        [
            SegmentRule(
                org_id=namespace.org_id,
                namespace=namespace,
                segment=segment,
                rule=each.rule,
                enabled=each.enabled,
                description=each.description,
            )
            for each in draft.rules
        ]
    )
    publish_configuration(
        namespace, cause=f"segment {draft.segment_id} changed", at=at, author=author
    )
    return segment


def check_rules(rules: Sequence[RuleDraft]) -> None:
    """Raise 400 `invalid_rule`, naming the place, unless every rule can be read."""
    for index, each in enumerate(rules):
        try:
            compile_rule(each.rule, place=f"rules[{index}]")
        except RuleError as error:
            raise refuse("invalid_rule", f"{error}.", field=error.place) from None


def delete_segments(
    namespace: Namespace, ids: Collection[str], *, at: datetime, author: str = ""
) -> int:
    segments = Segment.objects.filter(namespace=namespace, segment_id__in=ids)
    count = segments.count()
    segments.delete()
    if count:
        publish_configuration(
            namespace, cause=f"{count} segments deleted", at=at, author=author
        )
    return count


def upsert_segment_profiles(
    namespace: Namespace,
    profiles: Mapping[str, tuple[str, Mapping[str, Any]]],
    *,
    at: datetime,
    author: str = "",
) -> list[str]:
    """Store profiles (id to description and knobs); return warnings.

    Raises
    ------
    KnobError
        For the first value outside its knob's range. Nothing is stored then.
    """
    warnings: list[str] = []
    rows: list[SegmentProfile] = []
    for profile_id, (description, knobs) in profiles.items():
        cleaned = clean_knobs(knobs)
        warnings += [f"{profile_id}.{each}" for each in cleaned.warnings]
        rows.append(
            SegmentProfile(
                org_id=namespace.org_id,
                namespace=namespace,
                profile_id=profile_id,
                description=description,
                knobs=cleaned.config,
                created_at=at,
                updated_at=at,
            )
        )
    SegmentProfile.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["org", "namespace", "profile_id"],
        update_fields=["description", "knobs", "updated_at"],
    )
    publish_configuration(
        namespace, cause=f"{len(rows)} segment profiles changed", at=at, author=author
    )
    return warnings


def delete_segment_profiles(
    namespace: Namespace, ids: Collection[str], *, at: datetime, author: str = ""
) -> int:
    """Delete profiles; 422 while a segment uses one of them."""
    profiles = SegmentProfile.objects.filter(namespace=namespace, profile_id__in=ids)
    count = profiles.count()
    try:
        profiles.delete()
    except ProtectedError as error:
        names = sorted(map(str, error.protected_objects))
        raise refuse(
            "foreign_key_violation",
            f"Still used by the segments {', '.join(names)}.",
            field="ids",
            status=422,
        ) from None
    if count:
        publish_configuration(
            namespace, cause=f"{count} segment profiles deleted", at=at, author=author
        )
    return count


def _profile_of(namespace: Namespace, profile_id: str | None) -> SegmentProfile | None:
    if profile_id is None:
        return None
    profile = SegmentProfile.objects.filter(
        namespace=namespace, profile_id=profile_id
    ).first()
    if profile is None:
        raise refuse(
            "foreign_key_violation",
            f"There is no segment profile {profile_id}.",
            field="profile_id",
            status=422,
        )
    return profile
