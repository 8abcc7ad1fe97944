"""Ten thousand rules in a moment, as publications would have left them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from catalog.models import Namespace
from catalog.models.runs import new_id
from catalog.tenancy import org_scope
from rules.core import content as contents
from rules.core.content import Content
from rules.core.rule import Action, Target, TargetType
from rules.core.rule import Rule as CoreRule
from rules.models import ChangeSet, Rule, RuleVersion
from rules.queries.contents import columns_of, to_document

_ACTIONS = (Action.PIN, Action.BOOST, Action.BURY, Action.BLOCK)


def make_rules(namespace: Namespace, count: int) -> None:
    """Store live rules, each about an item of its own, without their checks."""
    at = timezone.now() - timedelta(days=1)
    owner = {"org_id": namespace.org_id, "namespace": namespace}
    with org_scope(namespace.org_id):
        change_set = ChangeSet.objects.create(
            title="Many",
            reason="For a test",
            state="published",
            source="job",
            author="job",
            author_identity="job:test",
            created_at=at,
            updated_at=at,
            **owner,
        )
        said = [_content(number) for number in range(count)]
        rules = Rule.objects.bulk_create(
            [
                Rule(
                    id=each.rule.id,
                    state="live",
                    version_number=1,
                    created_by="job",
                    created_at=at + timedelta(milliseconds=number),
                    updated_at=at + timedelta(milliseconds=number),
                    **owner,
                    **columns_of(each),
                )
                for number, each in enumerate(said)
            ]
        )
        versions = RuleVersion.objects.bulk_create(
            [
                RuleVersion(
                    rule=rule,
                    number=1,
                    verb="publish",
                    content=to_document(each),
                    content_hash=contents.content_hash(each),
                    change_set=change_set,
                    author="job",
                    reason="For a test",
                    source="job",
                    at=at,
                    **owner,
                )
                for rule, each in zip(rules, said, strict=True)
            ]
        )
        for rule, version in zip(rules, versions, strict=True):
            rule.version = version
        Rule.objects.bulk_update(rules, ["version"], batch_size=2_000)


def _content(number: int) -> Content:
    action = _ACTIONS[number % len(_ACTIONS)]
    return Content(
        rule=CoreRule(
            id=str(new_id()),
            name=f"Rule {number} {uuid4().hex[:4]}",
            action=action,
            target=Target(type=TargetType.ITEM, values=(f"item-{number}",)),
            surface=("home", "cart", "category")[number % 3],
            value=0.5 if action in (Action.BOOST, Action.BURY) else None,
            priority=number % 100,
        ),
        owner="job",
    )
