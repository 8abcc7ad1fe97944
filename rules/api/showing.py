"""A change set as an answer: its changes in words, its check, who approved."""

from __future__ import annotations

from datetime import datetime

from rest_framework.response import Response

from catalog.api.view import TenantView
from rules.core.differences import differences
from rules.core.sentences import Titles, sentence
from rules.models import Approval, ChangeCheck, ChangeSet, ChangeSetItem
from rules.operations.change_sets import items_of
from rules.operations.checks import newest_check
from rules.operations.gates import is_fresh, needs_review
from rules.queries.contents import read
from rules.queries.items import titles

from .bodies import DifferenceOut
from .change_set_bodies import ApprovalOut, ChangeOut, ChangeSetOut, CheckOut
from .refusals import words_of
from .rendering import content_fields


def show(view: TenantView, change_set: ChangeSet, *, status: int = 200) -> Response:
    """Answer with a change set as it is now, and all that is in it."""
    change_set.refresh_from_db()
    items = items_of(change_set)
    named = titles(change_set.namespace, [read(item.content) for item in items])
    answer = row_out(change_set, count=len(items))
    answer.changes = [_change(item, named) for item in items]
    check = newest_check(change_set)
    if check is not None:
        holds = is_fresh(check, items, at=view.at)
        answer.check = _check(check, is_fresh=holds)
    approvals = Approval.objects.filter(change_set=change_set).order_by("pk")
    answer.approvals = [_approval(each) for each in approvals]
    return view.answer(answer, status=status)


def row_out(change_set: ChangeSet, *, count: int) -> ChangeSetOut:
    return ChangeSetOut(
        change_set_id=str(change_set.pk),
        namespace=change_set.namespace.name,
        title=change_set.title,
        reason=change_set.reason,
        state=change_set.state,
        source=change_set.source,
        author=change_set.author,
        needs_approval=needs_review(change_set.namespace),
        rolls_back=str(change_set.rolls_back_id) if change_set.rolls_back_id else None,
        created_at=change_set.created_at.isoformat(),
        updated_at=change_set.updated_at.isoformat(),
        submitted_at=_iso(change_set.submitted_at),
        published_at=_iso(change_set.published_at),
        published_by=change_set.published_by or None,
        change_count=count,
    )


def _change(item: ChangeSetItem, named: Titles) -> ChangeOut:
    rule, content = item.rule, read(item.content)
    is_published = item.change_set.published_at is not None
    found = []
    if rule.version is not None and not is_published:
        found = differences(read(rule.version.content), content, titles=named)
    return ChangeOut(
        rule_id=str(rule.pk),
        verb=item.verb,
        sentence=sentence(content.rule, titles=named),
        base_version=item.base_number,
        is_overtaken=not is_published and item.base_number != rule.version_number,
        author=item.author,
        differences=[DifferenceOut(**each) for each in words_of(found)],
        content=content_fields(content) | {"enabled": content.enabled},
    )


def _check(check: ChangeCheck, *, is_fresh: bool) -> CheckOut:
    return CheckOut(
        check_id=str(check.pk),
        kind=check.kind,
        verdict=check.verdict,
        is_fresh=is_fresh,
        findings=check.findings,
        report=check.report,
        requested_by=check.requested_by,
        created_at=check.created_at.isoformat(),
    )


def _approval(approval: Approval) -> ApprovalOut:
    return ApprovalOut(
        verdict=approval.verdict,
        approver=approval.approver,
        comment=approval.comment,
        at=approval.at.isoformat(),
    )


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
