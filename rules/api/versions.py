"""A rule's history: its versions, what changed between two, and the way back."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.errors import ApiError
from catalog.api.openapi import documented
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.models import Scope
from rules.core.differences import differences
from rules.core.sentences import sentence
from rules.models import Rule, RuleVersion
from rules.operations.actors import of_caller
from rules.operations.change_sets import Purpose, create_change_set
from rules.operations.drafts import restore_as_draft
from rules.queries.contents import read
from rules.queries.items import titles

from .bodies import DifferenceOut
from .change_set_bodies import EXAMPLE_CHANGE_SET, ChangeSetOut
from .finding import find_change_set, find_rule
from .reading import reason_of
from .refusals import refusals, words_of
from .rendering import content_fields
from .showing import show
from .version_bodies import (
    EXAMPLE_DIFFERENCE,
    EXAMPLE_VERSION,
    RuleDiffAnswer,
    RuleDiffBody,
    RuleRestoreBody,
    RuleVersionOut,
    RuleVersionsAnswer,
)

_RULE = "0198c0de-0000-7000-8000-000000000000"


class RuleVersionsView(TenantView):
    @documented(
        summary="A rule's versions, the newest first",
        answer=RuleVersionsAnswer,
        example_answer={"rule_id": _RULE, "versions": [EXAMPLE_VERSION]},
        errors=(404,),
    )
    def get(self, request: Request, rule_id: str) -> Response:
        """Also those of a retired rule."""
        rule = find_rule(self, rule_id)
        rows = RuleVersion.objects.filter(rule=rule).order_by("-number")
        return self.answer(
            RuleVersionsAnswer(str(rule.pk), [_out(row, rule) for row in rows])
        )


class RuleDiffView(TenantView):
    scopes = {"POST": Scope.READ}

    @documented(
        summary="What changed between two versions of a rule, in words",
        request=RuleDiffBody,
        answer=RuleDiffAnswer,
        example_request={"from": 1, "to": 2},
        example_answer={
            "rule_id": _RULE,
            "from": 1,
            "to": 2,
            "differences": [EXAMPLE_DIFFERENCE],
        },
        errors=(404,),
    )
    def post(self, request: Request, rule_id: str) -> Response:
        body, self.warnings = decode(request, RuleDiffBody)
        rule = find_rule(self, rule_id)
        to = rule.version_number if body.to_version is None else body.to_version
        start = to - 1 if body.from_version is None else body.from_version
        contents = [read(_version(rule, number).content) for number in (start, to)]
        named = titles(rule.namespace, contents)
        found = differences(contents[0], contents[1], titles=named)
        return self.answer(
            RuleDiffAnswer(
                rule_id=str(rule.pk),
                from_version=start,
                to_version=to,
                differences=[DifferenceOut(**each) for each in words_of(found)],
            )
        )


class RuleRestoreView(TenantView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Put an earlier version of a rule into a draft",
        request=RuleRestoreBody,
        answer=ChangeSetOut,
        example_request={"version": 1, "reason": "The old one did better."},
        example_answer=EXAMPLE_CHANGE_SET,
        status=201,
        errors=(404, 409),
        idempotent=True,
    )
    def post(self, request: Request, rule_id: str) -> Response:
        """Nothing is live before the change set is published."""
        body, self.warnings = decode(request, RuleRestoreBody)
        rule = find_rule(self, rule_id)
        number = rule.version_number - 1 if body.version is None else body.version
        version = _version(rule, number)
        actor = of_caller(self.caller)
        with refusals():
            if body.change_set_id:
                change_set = find_change_set(self, body.change_set_id)
            else:
                title = f"{rule.name}: restore version {number}"
                purpose = Purpose(title=title, reason=reason_of(body.reason) or title)
                change_set = create_change_set(
                    rule.namespace, purpose, actor=actor, at=self.at
                )
            restore_as_draft(change_set, version, actor=actor, at=self.at)
        return show(self, change_set, status=201)


def _version(rule: Rule, number: int) -> RuleVersion:
    rows = RuleVersion.objects.filter(rule=rule, number=number)
    version = rows.first()
    if version is None:
        raise ApiError(
            "version_not_found",
            f"Rule {rule.pk} has no version {number}; its newest is"
            f" {rule.version_number}.",
            status=404,
        )
    version.rule = rule
    return version


def _out(row: RuleVersion, rule: Rule) -> RuleVersionOut:
    content = read(row.content)
    return RuleVersionOut(
        version=row.number,
        is_published=row.number == rule.version_number,
        verb=row.verb,
        sentence=sentence(content.rule),
        author=row.author,
        approver=row.approver,
        reason=row.reason,
        source=row.source,
        change_set_id=str(row.change_set_id),
        at=row.at.isoformat(),
        content=content_fields(content)
        | {
            "enabled": content.enabled,
            "description": content.description,
            "owner": content.owner,
            "review_by": content.review_by and content.review_by.isoformat(),
        },
    )
