"""Change sets on the wire."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from catalog.api.examples import PAGE_OF_ONE
from catalog.core.wire import DEFAULT_NAMESPACE

from .bodies import EXAMPLE_BODY as EXAMPLE_RULE_BODY
from .bodies import DifferenceOut, RuleRequest


class ChangeSetBody(Struct, kw_only=True):
    """What the changes are for."""

    namespace: Annotated[
        str | None, Meta(description=f"{DEFAULT_NAMESPACE} when absent.")
    ] = None
    title: str | None = None
    reason: Annotated[str | None, Meta(description="Why; kept with each version.")] = (
        None
    )


class ChangeBody(Struct, kw_only=True):
    """A change of one rule."""

    rule_id: Annotated[str | None, Meta(description="Absent: a rule that is new.")] = (
        None
    )
    verb: Annotated[
        str | None,
        Meta(description="publish (what `rule` says), pause, resume or retire."),
    ] = None
    rule: RuleRequest | None = None
    base_version: Annotated[
        int | None,
        Meta(description="On which it was begun; the one in force when absent."),
    ] = None


class CommentBody(Struct, kw_only=True):
    """What a reviewer has to say."""

    comment: str | None = None


class PublishBody(Struct, kw_only=True):
    """Why a blocking guardrail is overruled, where one blocks."""

    overrule_because: str | None = None


class ReasonBody(Struct, kw_only=True):
    reason: str | None = None


class ChangeOut(Struct, kw_only=True):
    """What becomes of one rule."""

    rule_id: str
    verb: str
    sentence: str
    base_version: int
    is_overtaken: Annotated[
        bool, Meta(description="Another version is in force than it was begun on.")
    ]
    author: str
    differences: list[DifferenceOut]
    content: Annotated[
        dict[str, Any], Meta(description="All of it, in the fields of a rule.")
    ]


class CheckOut(Struct, kw_only=True):
    check_id: str
    kind: str
    verdict: str
    is_fresh: Annotated[
        bool, Meta(description="It still holds: same content, same configuration.")
    ]
    findings: list[dict[str, Any]]
    report: dict[str, Any]
    requested_by: str
    created_at: str


class ApprovalOut(Struct, kw_only=True):
    verdict: str
    approver: str
    comment: str
    at: str


class ChangeSetOut(Struct, kw_only=True):
    """Changes that are checked, approved, published and undone as one."""

    change_set_id: str
    namespace: str
    title: str
    reason: str
    state: str
    source: str
    author: str
    needs_approval: bool
    rolls_back: str | None
    created_at: str
    updated_at: str
    submitted_at: str | None
    published_at: str | None
    published_by: str | None
    change_count: int
    changes: list[ChangeOut] | UnsetType = UNSET
    check: CheckOut | UnsetType = UNSET
    approvals: list[ApprovalOut] | UnsetType = UNSET
    warnings: list[str] | UnsetType = UNSET


class ChangeSetList(Struct, kw_only=True):
    items: list[ChangeSetOut]
    total: int
    total_is_estimate: bool
    limit: int
    offset: int
    has_more: bool
    next_offset: int | None
    next_cursor: str | None


EXAMPLE_CHANGE = {"rule": EXAMPLE_RULE_BODY}
EXAMPLE_ROW = {
    "change_set_id": "0198c0de-0000-7000-8000-000000000002",
    "namespace": "demo",
    "title": "Winter campaign",
    "reason": "Lamps sell from November on.",
    "state": "draft",
    "source": "api",
    "author": "shop-backend",
    "needs_approval": True,
    "rolls_back": None,
    "created_at": "2026-11-21T12:00:00+00:00",
    "updated_at": "2026-11-21T12:00:00+00:00",
    "submitted_at": None,
    "published_at": None,
    "published_by": None,
    "change_count": 1,
}
EXAMPLE_CHECK = {
    "check_id": "0198c0de-0000-7000-8000-000000000003",
    "kind": "quick",
    "verdict": "passed",
    "is_fresh": True,
    "findings": [
        {
            "kind": "out_of_stock",
            "sentence": "“Oak lamp on top” pins Oak lamp (lamp-oak), out of stock:"
            " nothing is shown in place of it.",
            "rule_ids": ["0198c0de-0000-7000-8000-000000000000"],
            "item_ids": ["lamp-oak"],
        }
    ],
    "report": {},
    "requested_by": "shop-backend",
    "created_at": "2026-11-21T12:00:00+00:00",
}
EXAMPLE_CHANGE_SET = EXAMPLE_ROW | {
    "changes": [
        {
            "rule_id": "0198c0de-0000-7000-8000-000000000000",
            "verb": "publish",
            "sentence": "On home, pin item lamp-oak at position 1.",
            "base_version": 0,
            "is_overtaken": False,
            "author": "shop-backend",
            "differences": [],
            "content": {"action": "PIN", "item_ids": ["lamp-oak"]},
        }
    ],
    "check": EXAMPLE_CHECK,
    "approvals": [
        {
            "verdict": "approved",
            "approver": "ben",
            "comment": "",
            "at": "2026-11-21T12:30:00+00:00",
        }
    ],
}
EXAMPLE_LIST = {
    "items": [EXAMPLE_ROW],
    **PAGE_OF_ONE,
}
