"""The rules that somebody who edits a page writes on, and those that touch an item."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from django.db.models import Max, Q

from catalog.models import Namespace
from ranking.core.editing.edits import Edit
from ranking.core.editing.sheet import Line
from rules.core.reach import words_of_item
from rules.core.rule import EVERY_SURFACE, Action, TargetType
from rules.models import IN_FORCE, ChangeSet, ChangeSetItem, Rule, RuleState, Verb
from rules.operations.change_sets import items_of
from rules.queries.contents import read, to_document
from rules.queries.items import known_items

_MOST = 1_000
_MOST_ELSEWHERE = 50
_USUAL_PRIORITY = 100
_OVER = (RuleState.RETIRED, RuleState.EXPIRED)


def lines_of(
    namespace: Namespace, edits: Sequence[Edit], *, draft: ChangeSet | None
) -> list[Line]:
    """Return the rules that edits may write on: those in force, under the draft's."""
    drafted = [_drafted(item) for item in items_of(draft)] if draft else []
    known = {line.rule_id for line in drafted}
    return drafted + [_standing(rule) for rule in _near(namespace, edits, known)]


def lowest_priority(namespace: Namespace, surfaces: Iterable[str]) -> int:
    """Return the priority with which a new pin goes before a page's other pins."""
    pins = Rule.objects.filter(
        namespace=namespace,
        action=Action.PIN,
        state__in=IN_FORCE,
        is_override=False,
        surface__in=[*surfaces, EVERY_SURFACE],
    )
    highest = pins.aggregate(highest=Max("priority"))["highest"]
    return _USUAL_PRIORITY if highest is None else max(highest + 1, _USUAL_PRIORITY)


def unsaved_changes(namespace: Namespace, lines: Iterable[Line]) -> list[ChangeSetItem]:
    """Return lines as the changes of a change set that is not stored."""
    return [
        ChangeSetItem(
            org_id=namespace.org_id,
            namespace=namespace,
            rule_id=line.rule_id,
            verb=Verb.RETIRE if line.is_ended else Verb.PUBLISH,
            content=to_document(line.content),
            base_number=line.base_number,
        )
        for line in lines
    ]


def rules_about(namespace: Namespace, item_id: str) -> list[Rule]:
    """Return the rules, on any surface, whose target names an item or what it is."""
    facts = known_items(namespace, [item_id]).get(item_id)
    words = words_of_item(facts) if facts else {f"item:{item_id}"}
    rules = Rule.objects.filter(namespace=namespace, targets__overlap=sorted(words))
    ordered = rules.exclude(state__in=_OVER).order_by("surface", "-priority", "pk")
    return list(ordered.select_related("version")[:_MOST_ELSEWHERE])


def _near(
    namespace: Namespace, edits: Sequence[Edit], known: Collection[UUID]
) -> list[Rule]:
    if not edits:
        return []
    words = sorted({f"item:{edit.item}" for edit in edits})
    rules = Rule.objects.filter(
        Q(targets__overlap=words),
        namespace=namespace,
        state__in=IN_FORCE,
        is_override=False,
        target_type=TargetType.ITEM,
        surface__in=sorted({edit.scope.surface for edit in edits}),
    )
    found = rules.exclude(pk__in=list(known)).order_by("-priority", "created_at", "pk")
    return list(found.select_related("version")[:_MOST])


def _standing(rule: Rule) -> Line:
    assert rule.version is not None
    return Line(
        rule_id=rule.pk,
        content=read(rule.version.content),
        base_number=rule.version_number,
    )


def _drafted(item: ChangeSetItem) -> Line:
    return Line(
        rule_id=item.rule_id,
        content=read(item.content),
        base_number=item.base_number,
        is_drafted=True,
        is_ended=item.ends_rule,
    )
