"""What waits for this person: approvals, drafts that were sent back or begun."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet
from django.urls import reverse

from catalog.admin.page import Chip
from catalog.models import Namespace
from catalog.permissions import Staff, can
from rules.models import Approval, ApprovalVerdict, ChangeSet, ChangeSetState
from rules.queries.waiting import waiting_for_publisher

_APPROVE = Chip(words="Approve", icon="eye", kind="accent")
_PUBLISH = Chip(words="Approved", icon="check", kind="accent")
_SENT_BACK = Chip(words="Sent back", icon="back", kind="warn")
_MOST = 5


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A change set that this person can move on."""

    chip: Chip
    title: str
    words: str
    sub: str
    at: datetime | None
    url: str
    verb: str


@dataclass(frozen=True, kw_only=True)
class NeedsMe:
    entries: Sequence[Waiting]
    count: int


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A draft to go on with."""

    title: str
    words: str
    at: datetime
    url: str


def needs_me(staff: Staff, namespace: Namespace) -> NeedsMe:
    identity = f"staff:{staff.pk}"
    asked = ChangeSet.objects.none()
    if can(staff, "publish", namespace):
        asked = waiting_for_publisher(namespace, identity=identity)
    returned = _mine(namespace, identity).filter(state=ChangeSetState.REJECTED)
    entries = [*_approvals(asked), *_sent_back(returned)]
    return NeedsMe(entries=entries, count=asked.count() + returned.count())


def begun(staff: Staff, namespace: Namespace) -> list[Begun]:
    """Return this person's drafts, the newest first."""
    drafts = _mine(namespace, f"staff:{staff.pk}").filter(state=ChangeSetState.DRAFT)
    rows = drafts.annotate(n_rules=Count("items")).order_by("-updated_at", "-pk")
    return [
        Begun(
            title=each.title,
            words=f"draft, {_rules(each.n_rules)}",
            at=each.updated_at,
            url=reverse("admin:rules_changeset_change", args=[each.pk]),
        )
        for each in rows[:_MOST]
    ]


def _mine(namespace: Namespace, identity: str) -> QuerySet[ChangeSet]:
    return ChangeSet.objects.filter(namespace=namespace, author_identity=identity)


def _approvals(asked: QuerySet[ChangeSet]) -> Iterator[Waiting]:
    rows = asked.annotate(n_rules=Count("items")).order_by("submitted_at", "pk")
    for each in rows[:_MOST]:
        is_approved = each.state == ChangeSetState.APPROVED
        yield Waiting(
            chip=_PUBLISH if is_approved else _APPROVE,
            title=each.title,
            words=f": {each.reason}" if each.reason else "",
            sub=f"{each.author} · {_rules(each.n_rules)} · submitted",
            at=each.submitted_at or each.updated_at,
            url=reverse("admin:rules_changeset_change", args=[each.pk]),
            verb="Publish" if is_approved else "Review",
        )


def _sent_back(returned: QuerySet[ChangeSet]) -> Iterator[Waiting]:
    rows = list(returned.order_by("-updated_at", "-pk")[:_MOST])
    said: dict[object, Approval] = {}
    rejected = Approval.objects.filter(
        change_set__in=rows, verdict=ApprovalVerdict.REJECTED
    )
    for verdict in rejected.order_by("pk"):
        said[verdict.change_set_id] = verdict
    for each in rows:
        verdict_on = said.get(each.pk)
        comment = verdict_on.comment if verdict_on else ""
        yield Waiting(
            chip=_SENT_BACK,
            title=each.title,
            words=f": “{comment}”" if comment else "",
            sub=verdict_on.approver if verdict_on else "",
            at=verdict_on.at if verdict_on else each.updated_at,
            url=reverse("admin:rules_changeset_change", args=[each.pk]),
            verb="Continue draft",
        )


def _rules(count: int) -> str:
    return f"{count} rule{'' if count == 1 else 's'}"
