"""What is the matter at a moment, mostly with rules: each alarm once, in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.module_loading import import_string

from catalog.core.moments import on_the_clock
from catalog.models import Namespace
from rules.core.findings import CONFLICTS, Finding, FindingKind
from rules.models import (
    IN_FORCE,
    AlertKind,
    ChangeCheck,
    ChangeSet,
    ChangeSetState,
    CheckVerdict,
    ManualOverride,
    OverrideStatus,
    Rule,
    RuleState,
)
from rules.queries.dead_rules import never_matched, without_effect

from .judging import judged_rules

SOON = timedelta(days=3)
OPEN_FOR = timedelta(days=7)
LOOK_BACK = timedelta(days=30)
"""What ended, or was published, longer ago is nobody's alarm any more."""

MOST_OF_A_KIND = 500
_OF_FINDINGS = {
    FindingKind.UNKNOWN_ITEM: AlertKind.TARGET_UNKNOWN,
    FindingKind.UNKNOWN_SEGMENT: AlertKind.TARGET_UNKNOWN,
    FindingKind.UNAVAILABLE: AlertKind.TARGET_AWAY,
    FindingKind.OUT_OF_STOCK: AlertKind.TARGET_AWAY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that is the matter now."""

    kind: str
    subject: str
    sentence: str
    rule_ids: tuple[UUID, ...] = ()
    override_id: UUID | None = None
    change_set_id: UUID | None = None
    proposal_id: UUID | None = None


type Source = Callable[..., Iterator[Alarm]]


def alarms(namespace: Namespace, *, at: datetime) -> Sequence[Alarm]:
    """Return all that is the matter, at most 500 of a kind."""
    found = {
        (alarm.kind, alarm.subject): alarm
        for source in (*_OWN, *_of_apps_above())
        for alarm in source(namespace, at=at)
    }
    by_kind: dict[str, list[Alarm]] = {}
    for alarm in found.values():
        by_kind.setdefault(alarm.kind, []).append(alarm)
    return [alarm for kind in by_kind.values() for alarm in kind[:MOST_OF_A_KIND]]


def _of_apps_above() -> Iterator[Source]:
    """Yield what rules may not import, by its name in the settings."""
    for path in settings.ALARM_SOURCES:
        yield import_string(path)


def _ends(namespace: Namespace, *, at: datetime) -> Iterator[Alarm]:
    rules = Rule.objects.filter(namespace=namespace, is_override=False)
    soon = Q(state__in=IN_FORCE, ends_at__gt=at, ends_at__lte=at + SOON)
    for rule in rules.filter(soon).order_by("ends_at", "pk"):
        words = f"“{rule.name}” ends {_when(rule.ends_at, namespace)}."
        yield _of_rule(AlertKind.ENDS_SOON, rule, words)
    # Paused ones were switched off; these are only over.
    over = Q(state__in=[*IN_FORCE, RuleState.EXPIRED], ends_at__lte=at)
    over &= Q(ends_at__gt=at - LOOK_BACK)
    for rule in rules.filter(over).order_by("-ends_at", "pk"):
        ended = _when(rule.ends_at, namespace)
        words = f"“{rule.name}” is over since {ended} and still enabled."
        yield _of_rule(AlertKind.OVER, rule, words)


def _idle(namespace: Namespace, *, at: datetime) -> Iterator[Alarm]:
    never, idle = never_matched(namespace, at=at), without_effect(namespace, at=at)
    rules = Rule.objects.filter(namespace=namespace, pk__in=never | idle)
    for rule in rules.filter(is_override=False).order_by("created_at", "pk"):
        if rule.pk in never:
            words = f"“{rule.name}” matched nothing in {LOOK_BACK.days} days."
            yield _of_rule(AlertKind.NEVER_MATCHED, rule, words)
        else:
            words = f"“{rule.name}” meets items and showed none of them for 24 hours."
            yield _of_rule(AlertKind.ZERO_EFFECT, rule, words)


def _findings(namespace: Namespace, *, at: datetime) -> Iterator[Alarm]:
    found = [
        (AlertKind.CONFLICT, each)
        if each.kind in CONFLICTS
        else (_OF_FINDINGS[each.kind], each)
        for each in judged_rules(namespace, at=at)
        if each.kind in CONFLICTS or each.kind in _OF_FINDINGS
    ]
    alone = [each.rule_ids[0] for _, each in found if len(each.rule_ids) == 1]
    rows = ManualOverride.objects.filter(namespace=namespace, rule_id__in=alone)
    by_rule = {str(rule): key for rule, key in rows.values_list("rule_id", "pk")}
    for kind, each in found:
        alarm = _of_finding(kind, each)
        # What ails an override is mended there: its rule is not changed apart.
        override = by_rule.get(each.rule_ids[0]) if len(each.rule_ids) == 1 else None
        yield replace(alarm, override_id=override)


def _overrides(namespace: Namespace, *, at: datetime) -> Iterator[Alarm]:
    rows = ManualOverride.objects.filter(
        namespace=namespace,
        status=OverrideStatus.ACTIVE,
        expires_at=None,
        created_at__lt=at - OPEN_FOR,
    )
    for override in rows.order_by("created_at", "pk"):
        yield Alarm(
            kind=AlertKind.OPEN_OVERRIDE,
            subject=str(override.pk),
            sentence=f"The {override.action} of {override.item_id} on"
            f" {override.surface} has no end, since"
            f" {_when(override.created_at, namespace)} by {override.created_by}.",
            override_id=override.pk,
        )


def _guardrails(namespace: Namespace, *, at: datetime) -> Iterator[Alarm]:
    """Yield what is live although its newest check says that it breaks one."""
    newest = ChangeCheck.objects.filter(change_set=OuterRef("pk")).order_by(
        "-created_at", "-pk"
    )
    published = ChangeSet.objects.filter(
        namespace=namespace,
        state=ChangeSetState.PUBLISHED,
        published_at__gt=at - LOOK_BACK,
    )
    broken = published.annotate(
        verdict=Subquery(newest.values("verdict")[:1]),
        found=Subquery(newest.values("findings")[:1]),
    ).filter(verdict=CheckVerdict.BLOCKED, versions__rule__version=F("versions__pk"))
    for change_set in broken.distinct().order_by("published_at", "pk"):
        why = _broken(change_set.found or ())
        yield Alarm(
            kind=AlertKind.GUARDRAIL,
            subject=str(change_set.pk),
            sentence=f"“{change_set.title}” is live and breaks a guardrail{why}.",
            change_set_id=change_set.pk,
        )


_OWN: tuple[Source, ...] = (_ends, _idle, _findings, _overrides, _guardrails)


def _broken(findings: Iterable[dict[str, object]]) -> str:
    said = [
        str(each.get("sentence", ""))
        for each in findings
        if each.get("kind") == FindingKind.GUARDRAIL
    ]
    return f": {said[0].rstrip('.')}" if said else ""


def _of_rule(kind: str, rule: Rule, words: str) -> Alarm:
    return Alarm(kind=kind, subject=str(rule.pk), sentence=words, rule_ids=(rule.pk,))


def _of_finding(kind: str, finding: Finding) -> Alarm:
    ids = sorted(finding.rule_ids)
    return Alarm(
        kind=kind,
        subject=f"{finding.kind} {' '.join(ids)}",
        sentence=finding.sentence,
        rule_ids=tuple(UUID(each) for each in ids),
    )


def _when(moment: datetime | None, namespace: Namespace) -> str:
    return on_the_clock(moment, namespace.time_zone) if moment else "never"
