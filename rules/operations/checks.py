"""Checks of a change set: the quick one, and the stored verdict of either."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from catalog.core.moments import microseconds
from catalog.models import Change, ChangeKind, Namespace
from rules.core.conflicts import find_conflicts
from rules.core.content import Content
from rules.core.findings import Finding, listed
from rules.core.health import find_ailments
from rules.models import (
    ChangeCheck,
    ChangeSet,
    ChangeSetItem,
    CheckKind,
    CheckVerdict,
)
from rules.queries.contents import read
from rules.queries.items import known_items, named_items
from rules.queries.near import live_near
from rules.queries.pages import pages_of
from rules.queries.segments import known_segments

from .actors import Actor
from .change_sets import content_hash, items_of

FRESH_FOR = timedelta(hours=24)
MOST_FINDINGS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a check came to."""

    kind: str
    findings: Sequence[Finding]
    verdict: str = CheckVerdict.PASSED
    report: Mapping[str, Any] = field(default_factory=dict)
    configuration_hash: bytes | None = None
    """Of the configuration that was checked against; None: the one of now."""


def quick_findings(
    namespace: Namespace, items: Sequence[ChangeSetItem], *, at: datetime
) -> list[Finding]:
    """Return conflicts and ailments of a change, without replaying anything."""
    changed = [read(item.content) for item in items if not item.ends_rule]
    return findings_of(
        namespace, changed, without=[str(item.rule_id) for item in items], at=at
    )


def findings_of(
    namespace: Namespace,
    changed: Sequence[Content],
    *,
    without: Iterable[str],
    at: datetime,
) -> list[Finding]:
    """Return what is to be said of rules as they would be, beside those in force.

    `without` names the rules whose version in force does not count.
    """
    if not changed:
        return []
    at_us = microseconds(at)
    known = known_items(namespace, named_items(changed))
    others = live_near(namespace, changed, items=known, without=list(without))
    known |= known_items(namespace, named_items(others) - known.keys())
    pages = pages_of(namespace, changed, at=at)
    conflicts = find_conflicts(changed, others, items=known, pages=pages, at_us=at_us)
    segments = known_segments(namespace, changed)
    return conflicts + find_ailments(
        changed, items=known, segments=segments, pages=pages, at_us=at_us
    )


def quick_check(change_set: ChangeSet, *, actor: Actor, at: datetime) -> ChangeCheck:
    """Check a change set quickly, and store what was found.

    Raises
    ------
    NotAllowedError
        If the actor may not edit rules.
    """
    actor.require("edit")
    items = items_of(change_set)
    findings = quick_findings(change_set.namespace, items, at=at)
    outcome = Outcome(kind=CheckKind.QUICK, findings=findings)
    return store_check(change_set, outcome, items=items, actor=actor, at=at)


def store_check(
    change_set: ChangeSet,
    outcome: Outcome,
    *,
    items: Sequence[ChangeSetItem],
    actor: Actor,
    at: datetime,
) -> ChangeCheck:
    """Store a verdict on exactly these changes under the configuration of now."""
    return ChangeCheck.objects.create(
        org_id=change_set.org_id,
        namespace_id=change_set.namespace_id,
        change_set=change_set,
        kind=outcome.kind,
        content_hash=content_hash(items),
        configuration_hash=outcome.configuration_hash
        if outcome.configuration_hash is not None
        else configuration_hash(change_set.namespace),
        verdict=outcome.verdict,
        findings=msgspec.to_builtins(listed(outcome.findings, most=MOST_FINDINGS)),
        report=outcome.report,
        requested_by=actor.name,
        created_at=at,
    )


def newest_check(
    change_set: ChangeSet, *, kind: str | None = None
) -> ChangeCheck | None:
    """Return the last check of a change set, or the last of one kind."""
    checks = ChangeCheck.objects.filter(change_set=change_set)
    if kind is not None:
        checks = checks.filter(kind=kind)
    return checks.order_by("-created_at", "-pk").first()


def configuration_hash(namespace: Namespace) -> bytes:
    """Return what identifies the configuration in force: its hash, as the feed has it.

    Of settings that changed and that serving has not taken up yet, the number of that
    change: nothing that was checked before is fresh any more.
    """
    newest = (
        Change.objects.filter(namespace=namespace, kind=ChangeKind.CONFIGURATION)
        .order_by("-number")
        .values_list("number", "rows")
        .first()
    )
    if newest is None:
        return b""
    number, published = newest
    if published is not None:
        return bytes(published)
    return hashlib.sha256(b"change %d" % number).digest()
