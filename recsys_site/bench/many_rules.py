"""Ten thousand rules of every kind, as publications would have left them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from random import Random
from typing import Any

from django.db import connections

from catalog.models import ChangeKind, Item, Namespace
from catalog.models.runs import new_id
from catalog.operations import record_change
from catalog.tenancy import org_scope
from rules.core import content as contents
from rules.core.content import Content
from rules.core.rule import Action, Rule, Target, TargetType, Window
from rules.core.validation import check
from rules.models import ChangeSet, ChangeSetItem, RuleState, RuleVersion
from rules.models import Rule as RuleRow
from rules.operations.publishing import state_of
from rules.queries.contents import columns_of, to_document

SURFACES = ("*", "home", "home", "pdp", "cart", "category", "email")
SEGMENTS = (None, None, None, "new_users", "loyal")
PUBLISHED_TOGETHER = 100
DRAFTED_TOGETHER = 10
_ITEMS = 3_000
_UNPUBLISHED = {"draft": 200, "in_review": 100, "approved": 50, "rejected": 50}
_ENDED = 0.05


@dataclass(frozen=True, kw_only=True)
class Words:
    """What rules of a shop can be about."""

    items: Sequence[str]
    brands: Sequence[str]
    tags: Sequence[str]
    categories: Sequence[str]


def fill_rules(namespace: Namespace, count: int, *, at: datetime) -> int:
    """Store rules until there are so many. Return how many were missing."""
    with org_scope(namespace.org_id):
        missing = count - RuleRow.objects.filter(namespace=namespace).count()
        if missing <= 0:
            return 0
        drawn = Random(17)  # noqa: S311 (nothing secret)
        words = _words(namespace)
        said = [_content(drawn, number, words, at=at) for number in range(missing)]
        for part in batched(said, PUBLISHED_TOGETHER):
            _publish(namespace, part, drawn, at=at)
        _draft(namespace, words, drawn, at=at)
        record_change(namespace, kind=ChangeKind.CONFIGURATION, count=missing, at=at)
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "ANALYZE rules_rule, rules_ruleversion, rules_changeset,"
            " rules_changesetitem"
        )
    return missing


def _words(namespace: Namespace) -> Words:
    items = Item.objects.filter(namespace=namespace, listed=True).order_by("-pk")
    rows = list(items.values_list("item_id", "brand", "tags", "category_path")[:_ITEMS])
    return Words(
        items=[row[0] for row in rows],
        brands=sorted({row[1] for row in rows if row[1]}),
        tags=sorted({tag for row in rows for tag in row[2]}),
        categories=sorted({" > ".join(row[3]) for row in rows if row[3]}),
    )


def _content(drawn: Random, number: int, words: Words, *, at: datetime) -> Content:
    action = drawn.choice(list(Action))
    target = _target(drawn, number, words, is_narrow=action is Action.BLOCK)
    # Of several FILTERs all must name an item: on a page that is looked at nothing
    # would be left.
    is_filter = action is Action.FILTER
    rule = Rule(
        id=str(new_id()),
        name=f"{action.capitalize()} {number}: {', '.join(target.values) or 'cheap'}",
        action=action,
        target=target,
        surface="email" if is_filter else drawn.choice(SURFACES),
        segment="loyal" if is_filter else drawn.choice(SEGMENTS),
        windows=_windows(drawn, at=at),
        priority=drawn.randrange(100),
        created_us=int(at.timestamp() * 1e6) - 1_000_000 * (20_000 - number),
        value={Action.BOOST: 0.4, Action.BURY: 0.3}.get(action),
        positions=(drawn.randrange(1, 40),) if action is Action.PIN else (),
    )
    check(rule)
    return Content(
        rule=rule,
        owner=drawn.choice(("ellie", "ben", "job")),
        description="Made up to measure.",
        review_by=(at + timedelta(days=drawn.randrange(-10, 90))).date(),
    )


def _target(drawn: Random, number: int, words: Words, *, is_narrow: bool) -> Target:
    kinds = {
        TargetType.ITEM: words.items,
        TargetType.TAG: words.tags,
        TargetType.BRAND: words.brands,
        TargetType.CATEGORY: words.categories,
    }
    kind = TargetType.ITEM if is_narrow else drawn.choice(list(TargetType))
    if kind is TargetType.CONDITION or not kinds[kind]:
        tests = [{"lt": ["price", 1 + number % 50]}, {"gt": ["stock", number % 7]}]
        return Target(type=TargetType.CONDITION, condition={"all": tests})
    return Target(type=kind, values=(drawn.choice(kinds[kind]),))


def _windows(drawn: Random, *, at: datetime) -> tuple[Window, ...]:
    """Most are always in force; others begin, end, come again, or are over."""
    begins, ends = drawn.choice(
        ((None, None), (None, None), (-5, 2), (-5, 20), (3, 9), (-20, -1))
    )
    if begins is None or ends is None:
        return ()
    day = at.replace(hour=9, minute=0, second=0, microsecond=0, tzinfo=None)
    start = day + timedelta(days=begins)
    if drawn.random() < 0.2:
        end = start + timedelta(hours=8)
        again = f"FREQ=WEEKLY;COUNT={drawn.randrange(2, 9)}"
        return (Window(start=start, end=end, zone="Europe/Berlin", recurrence=again),)
    return (Window(start=start, end=day + timedelta(days=ends), zone="Europe/Berlin"),)


def _publish(
    namespace: Namespace, said: Sequence[Content], drawn: Random, *, at: datetime
) -> None:
    moment = at - timedelta(minutes=drawn.randrange(20, 20_000))
    change_set = _change_set(namespace, "published", drawn, at=moment)
    rows = [_row(namespace, each, drawn, at=moment) for each in said]
    RuleRow.objects.bulk_create(rows)
    versions = RuleVersion.objects.bulk_create(
        RuleVersion(
            **_owner(namespace),
            rule=row,
            number=1,
            verb="publish",
            content=to_document(each),
            content_hash=contents.content_hash(each),
            change_set=change_set,
            author=change_set.author,
            reason=change_set.reason,
            source="job",
            at=moment,
        )
        for row, each in zip(rows, said, strict=True)
    )
    for row, version in zip(rows, versions, strict=True):
        row.version, row.version_number = version, 1
    RuleRow.objects.bulk_update(rows, ["version", "version_number"])


def _row(
    namespace: Namespace, said: Content, drawn: Random, *, at: datetime
) -> RuleRow:
    state = state_of(said, at=at)
    if drawn.random() < _ENDED:
        state = drawn.choice((RuleState.PAUSED, RuleState.RETIRED))
    return RuleRow(
        **_owner(namespace),
        id=said.rule.id,
        state=state,
        created_by=said.owner,
        created_at=at,
        updated_at=at + timedelta(microseconds=drawn.randrange(1_000_000)),
        **columns_of(said),
    )


def _draft(namespace: Namespace, words: Words, drawn: Random, *, at: datetime) -> None:
    for state, count in _UNPUBLISHED.items():
        for numbers in batched(range(count), DRAFTED_TOGETHER):
            said = [_content(drawn, number, words, at=at) for number in numbers]
            _draft_together(namespace, state, said, drawn, at=at)


def _draft_together(
    namespace: Namespace,
    state: str,
    said: Sequence[Content],
    drawn: Random,
    *,
    at: datetime,
) -> None:
    moment = at - timedelta(minutes=drawn.randrange(1, 5_000))
    change_set = _change_set(namespace, state, drawn, at=moment)
    rows = [_row(namespace, each, drawn, at=moment) for each in said]
    for row in rows:
        row.state = RuleState(state if state in RuleState.values else "draft")
    RuleRow.objects.bulk_create(rows)
    ChangeSetItem.objects.bulk_create(
        ChangeSetItem(
            **_owner(namespace),
            change_set=change_set,
            rule=row,
            content=to_document(each),
            author=change_set.author,
            author_identity=change_set.author_identity,
            created_at=moment,
            updated_at=moment,
        )
        for row, each in zip(rows, said, strict=True)
    )


def _change_set(
    namespace: Namespace, state: str, drawn: Random, *, at: datetime
) -> ChangeSet:
    author = drawn.choice(("ellie", "ben"))
    return ChangeSet.objects.create(
        **_owner(namespace),
        title=f"Campaign {drawn.randrange(10_000)}",
        reason="Made up to measure.",
        state=state,
        source="job",
        author=author,
        author_identity=f"job:{author}",
        contributors=[f"job:{author}"],
        created_at=at,
        updated_at=at,
        submitted_at=None if state == "draft" else at,
        published_at=at if state == "published" else None,
    )


def _owner(namespace: Namespace) -> dict[str, Any]:
    return {"org_id": namespace.org_id, "namespace": namespace}
