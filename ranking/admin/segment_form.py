"""A segment as its form sends it, and a dry run of all segments with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.core.moments import microseconds
from catalog.models import Namespace, User
from ranking.core.configuration import Segment as SegmentValue
from ranking.core.configuration import SegmentRule as RuleValue
from ranking.core.segments import Match, choose_segment, compile_segments
from ranking.models import Segment
from ranking.operations.segments import RuleDraft, SegmentDraft
from ranking.queries.configurations import compose
from rules.core.conditions import RuleError, compile_rule

EXAMPLE = (
    '[{"all": [{"eq": ["user.traits.country", "de"]}, '
    '{"gte": ["user.traits.orders", 3]}]}]'
)


@dataclass(frozen=True, kw_only=True)
class Read:
    """What came in: a draft, or what is wrong with it by field."""

    draft: SegmentDraft | None
    errors: Mapping[str, str]


def rules_text(segment: Segment) -> str:
    """Return a stored segment's rules as the form shows them."""
    rules = [each.rule for each in sorted(segment.rules.all(), key=lambda row: row.pk)]
    lines = [json.dumps(rule, ensure_ascii=False) for rule in rules]
    return "[\n  " + ",\n  ".join(lines) + "\n]" if lines else ""


def read(sent: Mapping[str, str]) -> Read:
    errors: dict[str, str] = {}
    segment_id = sent.get("segment_id", "").strip()
    if not segment_id:
        errors["segment_id"] = "A segment needs an id."
    rules = _rules(sent.get("rules", ""), errors)
    priority = sent.get("priority", "").strip() or "0"
    if not priority.removeprefix("-").isdigit():
        errors["priority"] = "Must be a whole number."
    if errors:
        return Read(draft=None, errors=errors)
    draft = SegmentDraft(
        segment_id=segment_id,
        profile_id=sent.get("profile_id") or None,
        name=sent.get("name", "").strip(),
        priority=int(priority),
        active="active" in sent,
        description=sent.get("description", "").strip(),
        rules=[RuleDraft(rule=rule) for rule in rules],
    )
    return Read(draft=draft, errors={})


def _rules(text: str, errors: dict[str, str]) -> Sequence[Mapping[str, Any]]:
    try:
        rules = json.loads(text) if text.strip() else []
    except ValueError as error:
        errors["rules"] = f"Not JSON: {error}."
        return []
    rules = [rules] if isinstance(rules, dict) else rules
    if not isinstance(rules, list):
        errors["rules"] = "Must be a rule, or a list of rules."
        return []
    try:
        for index, rule in enumerate(rules):
            compile_rule(rule, place=f"rule {index + 1}")
    except RuleError as error:
        errors["rules"] = f"{str(error).capitalize()}."
    return rules


@dataclass(frozen=True, kw_only=True)
class DryRun:
    """Which segment somebody would be in, and whether by the draft."""

    match: Match | None
    by_draft: bool
    traits: Mapping[str, Any]
    error: str = ""


def dry_run(namespace: Namespace, sent: Mapping[str, str], *, at: datetime) -> DryRun:
    """Choose a segment as serving would, with the sent draft among the others."""
    found = read({**sent, "segment_id": sent.get("segment_id") or "draft"})
    if found.draft is None:
        return _failed(" ".join(found.errors.values()))
    traits, fault = _traits(namespace, sent)
    if fault:
        return _failed(fault)
    draft = SegmentValue(
        segment_id=found.draft.segment_id,
        priority=found.draft.priority,
        profile_id=found.draft.profile_id,
        rules=tuple(
            RuleValue(rule_id=f"rule {index + 1}", rule=each.rule)
            for index, each in enumerate(found.draft.rules)
        ),
    )
    stored = compose(namespace).segments
    others = [each for each in stored if each.segment_id != draft.segment_id]
    among = compile_segments([*others, *([draft] if found.draft.active else [])])
    surface = sent.get("try_surface", "").strip()
    context = {"surface": surface} if surface else {}
    facts = {
        "user": {"id": sent.get("try_user", ""), "traits": traits},
        "ctx": context,
        "request": {"namespace": namespace.name, **context},
    }
    match = choose_segment(among, facts=facts, at_us=microseconds(at))
    return DryRun(
        match=match, by_draft=match.segment_id == draft.segment_id, traits=traits
    )


def _traits(
    namespace: Namespace, sent: Mapping[str, str]
) -> tuple[dict[str, Any], str]:
    user_id = sent.get("try_user", "").strip()
    text = sent.get("try_traits", "").strip()
    traits: dict[str, Any] = {}
    if user_id:
        user = User.objects.filter(namespace=namespace, user_id=user_id).first()
        if user is None:
            return {}, f"There is no user {user_id}."
        traits |= user.traits
    try:
        given = json.loads(text) if text else {}
    except ValueError:
        return {}, "Traits must be a JSON object."
    if not isinstance(given, dict):
        return {}, "Traits must be a JSON object."
    return traits | given, ""


def _failed(words: str) -> DryRun:
    return DryRun(match=None, by_draft=False, traits={}, error=words)
