"""Rules as rows of a list, in a bounded number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from catalog.admin.page import Chip
from catalog.models import Item, Namespace
from rules.core.content import Content
from rules.core.findings import Finding
from rules.core.rule import TargetType
from rules.core.sentences import sentence
from rules.models import IN_FORCE, Rule, RuleState
from rules.queries.contents import contents_of
from rules.queries.dead_rules import effect_findings
from rules.queries.items import titles
from rules.queries.standing import state_at

from .standing import findings_by_rule
from .words import (
    ACTION_ICONS,
    HEALTHY,
    RULE_CHIPS,
    UNJUDGED,
    action_word,
    both_zones,
    health_chip,
    window_words,
)

_MOST_ITEMS = 50


@dataclass(frozen=True, kw_only=True)
class RuleRow:
    """A rule as lists show it."""

    rule: Rule
    content: Content
    standing: str
    """Its state at the moment of the list, also before a task has stored it."""
    state: Chip
    sentence: str
    icon: str
    action: str
    target: str
    window: str
    window_tooltip: str
    health: Chip
    findings: Sequence[Finding]

    @property
    def short_id(self) -> str:
        return str(self.rule.pk)[-6:]

    @property
    def more_findings(self) -> int:
        return max(len(self.findings) - 1, 0)


def rows_of(
    namespace: Namespace,
    rules: Sequence[Rule],
    *,
    at: datetime,
    judged: bool = True,
) -> list[RuleRow]:
    """Return rules as rows; their health only where it is `judged`."""
    contents = contents_of(rules)
    named = titles(namespace, contents)
    pairs = list(zip(rules, contents, strict=True))
    in_force = {rule.pk: said for rule, said in pairs if state_at(rule, at) in IN_FORCE}
    findings = _judged(namespace, rules, in_force, at=at) if judged else {}
    return [
        _row(
            rule,
            said,
            titles=named,
            findings=findings.get(str(rule.pk), ()),
            at=at,
        )
        for rule, said in pairs
    ]


def _judged(
    namespace: Namespace,
    rules: Sequence[Rule],
    in_force: Mapping[UUID, Content],
    *,
    at: datetime,
) -> Mapping[str, Sequence[Finding]]:
    """Return what is to be said of rules for what they say, and for what they did."""
    found = {
        rule_id: list(said)
        for rule_id, said in findings_by_rule(namespace, in_force, at=at).items()
    }
    watched = [rule for rule in rules if rule.pk in in_force]
    for finding in effect_findings(namespace, watched, at=at):
        found.setdefault(finding.rule_ids[0], []).append(finding)
    return found


def _row(
    rule: Rule,
    said: Content,
    *,
    titles: Mapping[str, str],
    findings: Sequence[Finding],
    at: datetime,
) -> RuleRow:
    zone, standing = rule.namespace.time_zone, state_at(rule, at)
    return RuleRow(
        rule=rule,
        content=said,
        standing=standing,
        state=RULE_CHIPS[standing],
        sentence=sentence(said.rule, titles=titles),
        icon=ACTION_ICONS[rule.action],
        action=action_word(rule.action),
        target=_target(said),
        window=window_words(rule.starts_at, rule.ends_at, at=at),
        window_tooltip=both_zones(rule.starts_at, rule.ends_at, zone=zone),
        health=_health(standing, findings),
        findings=findings,
    )


def _health(standing: str, findings: Sequence[Finding]) -> Chip:
    if findings:
        worst = min(findings, key=lambda each: each.weight != "warning")
        return health_chip(worst)
    if standing == RuleState.EXPIRED:
        return Chip(words="Dead", icon="pause")
    return HEALTHY if standing in IN_FORCE else UNJUDGED


def _target(said: Content) -> str:
    kind, values = said.rule.target.type, said.rule.target.values
    if kind == TargetType.CONDITION:
        return "condition"
    noun = kind.lower()
    return noun if len(values) == 1 else f"{len(values)} × {noun}"


def items_named(
    namespace: Namespace, values: Sequence[str]
) -> list[tuple[str, Item | None]]:
    """Return the first of the items with those ids; None for what is not listed."""
    wanted = list(values)[:_MOST_ITEMS]
    rows = Item.objects.filter(namespace=namespace, item_id__in=wanted, listed=True)
    known = {item.item_id: item for item in rows}
    return [(value, known.get(value)) for value in wanted]


def keys(texts: Sequence[str]) -> list[UUID]:
    """Return those texts that are ids."""
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
