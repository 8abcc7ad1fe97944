"""A rule's content between the tables and the core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from catalog.core.moments import from_microseconds
from rules.core.content import Content, encode
from rules.core.hull import hull
from rules.core.reach import words_of_target
from rules.models import ChangeSetItem, Rule


def read(document: Mapping[str, Any]) -> Content:
    """Return what a stored version or draft says."""
    return msgspec.convert(document, Content)


def to_document(content: Content) -> dict[str, Any]:
    """Return what is stored of a content."""
    document: dict[str, Any] = msgspec.json.decode(encode(content))
    return document


def content_of(rule: Rule) -> Content:
    """Return what a rule says: its version, or while it has none its newest draft."""
    [content] = contents_of([rule])
    return content


def contents_of(rules: Sequence[Rule]) -> list[Content]:
    """Return what each of many rules says; see :func:`content_of`."""
    unpublished = [rule for rule in rules if rule.version is None]
    drafts = {
        draft.rule_id: draft.content
        for draft in ChangeSetItem.objects.filter(rule__in=unpublished).order_by("pk")
    }
    return [
        read(drafts[rule.pk] if rule.version is None else rule.version.content)
        for rule in rules
    ]


def columns_of(content: Content) -> dict[str, Any]:
    """Return the columns of a rule that repeat what its content says."""
    rule = content.rule
    bounds = hull(rule.windows)
    return {
        "name": rule.name,
        "action": rule.action.value,
        "target_type": rule.target.type.value,
        "targets": sorted(words_of_target(rule.target)),
        "surface": rule.surface,
        "segment_id": rule.segment,
        "priority": rule.priority,
        "starts_at": moment(bounds.start_us),
        "ends_at": moment(bounds.end_us),
        "has_gaps": bounds.has_gaps,
        "owner": content.owner,
        "review_by": content.review_by,
    }


def moment(at_us: int | None) -> datetime | None:
    return None if at_us is None else from_microseconds(at_us)
