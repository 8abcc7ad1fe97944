"""Versions of rules on the wire."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from .bodies import DifferenceOut


class RuleVersionOut(Struct, kw_only=True):
    """What a rule said from a publication on."""

    version: int
    is_published: bool
    verb: str
    sentence: str
    author: str
    approver: str
    reason: str
    source: str
    change_set_id: str
    at: str
    content: Annotated[
        dict[str, Any], Meta(description="All of it, in the fields of a rule.")
    ]


class RuleVersionsAnswer(Struct):
    rule_id: str
    versions: list[RuleVersionOut]


class RuleDiffBody(Struct, kw_only=True):
    """Which versions to compare."""

    from_version: Annotated[
        int | None, Meta(description="The one before `to` when absent.")
    ] = field(default=None, name="from")
    to_version: Annotated[
        int | None, Meta(description="The one in force when absent.")
    ] = field(default=None, name="to")


class RuleDiffAnswer(Struct, kw_only=True):
    rule_id: str
    from_version: int = field(name="from")
    to_version: int = field(name="to")
    differences: list[DifferenceOut]


class RuleRestoreBody(Struct, kw_only=True):
    """Which version to restore, and where to."""

    version: Annotated[int | None, Meta(description="The one before when absent.")] = (
        None
    )
    change_set_id: Annotated[
        str | None, Meta(description="A draft; a new one is made when absent.")
    ] = None
    reason: str | None = None


EXAMPLE_VERSION = {
    "version": 2,
    "is_published": True,
    "verb": "publish",
    "sentence": "On home, pin item lamp-oak at position 1.",
    "author": "ana",
    "approver": "ben",
    "reason": "The campaign goes on.",
    "source": "ui",
    "change_set_id": "0198c0de-0000-7000-8000-000000000002",
    "at": "2026-11-21T12:00:00+00:00",
    "content": {"action": "PIN", "target_type": "ITEM", "item_ids": ["lamp-oak"]},
}
EXAMPLE_DIFFERENCE = {
    "field": "valid_until",
    "before": "30 Nov",
    "after": "7 Dec",
    "words": "ends: 30 Nov → 7 Dec",
}
