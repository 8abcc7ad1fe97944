"""All that one version of a rule says: to the ranking, and to people."""

from __future__ import annotations

import hashlib
from datetime import date

import msgspec

from .rule import Rule


class Content(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rule with what people keep about it. Versions and drafts hold one."""

    rule: Rule
    enabled: bool = True
    """False: it is kept, and nothing obeys it."""

    description: str = ""
    owner: str = ""
    review_by: date | None = None
    """The day by which somebody looks at it again."""


def encode(content: Content) -> bytes:
    """Return the canonical form: equal content, equal bytes."""
    return msgspec.json.encode(content, order="deterministic")


def content_hash(content: Content) -> bytes:
    """Return the SHA-256 of what it says, whichever version says it.

    Examples
    --------
    >>> from rules.core.rule import Action, Target, TargetType
    >>> target = Target(type=TargetType.TAG, values=("sale",))
    >>> first = Content(rule=Rule(id="a", action=Action.BLOCK, target=target))
    >>> content_hash(first) == content_hash(as_version(first, 2))
    True
    """
    return hashlib.sha256(encode(as_version(content, 0))).digest()


def as_version(content: Content, number: int) -> Content:
    """Return the content under a version's number."""
    rule = msgspec.structs.replace(content.rule, version=number)
    return msgspec.structs.replace(content, rule=rule)
