"""A live rule or override as a value: what the serving configuration holds of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec

EVERY_SURFACE = "*"
RULES_SWITCH = "rules_enabled"
"""Off among a namespace's switches: no rule and no override is obeyed there."""

OVERRIDE_PRIORITY = 1000
PATH_MARK = ">"
"""Stands between the steps of a category in a target: ``Women > Shoes``."""

MAX_NAME = 200
MAX_TEXT = 256
"""Characters of a target's value, a surface or a segment."""

MAX_VALUES = 1_000
MAX_WINDOWS = 50
MAX_POSITION = 200
"""The longest page that can be asked for."""

MAX_PRIORITY = 1_000_000
MAX_BOOST = 1_000.0

type Document = Mapping[str, Any]
type LocalTime = Annotated[datetime, msgspec.Meta(tz=False)]
"""What a wall clock in the window's zone shows."""


class Action(StrEnum):
    """What a rule does with the items that its target names."""

    BLOCK = "BLOCK"
    """They are not shown."""

    PIN = "PIN"
    """They get a fixed place on the page."""

    BOOST = "BOOST"
    """Their score is raised; a negative value lowers it."""

    BURY = "BURY"
    """Their score is lowered."""

    FILTER = "FILTER"
    """No others are shown."""


class TargetType(StrEnum):
    """How a target names items."""

    ITEM = "ITEM"
    TAG = "TAG"
    BRAND = "BRAND"
    CATEGORY = "CATEGORY"
    CONDITION = "CONDITION"


class Kind(StrEnum):
    """Whether merchandisers planned it, or somebody stepped in by hand."""

    RULE = "rule"
    OVERRIDE = "override"


class Target(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The items that a rule is about."""

    type: TargetType
    values: tuple[str, ...] = ()
    """Item ids, tags, brands or categories; any of them suffices.

    Item ids are compared as they are, the others in any case. A category is a
    path from the broadest step on, such as ``Women > Shoes``.
    """

    include_subcategories: bool = True
    """Whether a category stands for everything below it too."""

    condition: Document | None = None
    """Of a CONDITION, in the language of :mod:`rules.core.item_conditions`."""


class Window(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stretch of time on the wall clock of a zone, once or again and again."""

    start: LocalTime | None = None
    """None: since ever."""

    end: LocalTime | None = None
    """The first moment after it; None: for ever."""

    zone: str = "UTC"
    """IANA name."""

    recurrence: str | None = None
    """RFC 5545 recurrence, such as ``FREQ=WEEKLY;BYDAY=FR``.

    ``start`` and ``end`` are those of the first occurrence then.
    """


class Rule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The content of one live rule version, or of one manual override."""

    id: str
    """UUID of the rule, in lower case."""

    action: Action
    target: Target
    version: int = 1
    name: str = ""
    surface: str = EVERY_SURFACE
    segment: str | None = None
    """Segment of the request, in any case; None: whoever asks."""

    context: Document | None = None
    """What must be true of the request, in :mod:`rules.core.conditions`."""

    windows: tuple[Window, ...] = ()
    """When it is in force; none: always."""

    priority: int = 0
    created_us: int = 0
    """When the rule (not this version) was made, microseconds since 1970. Of rules
    of equal priority the earlier goes first."""

    value: float | None = None
    """Of a BOOST above -1 and not 0, of a BURY in (0, 1]; of others None."""

    positions: tuple[int | None, ...] = ()
    """Places of a PIN from 1: of the first item it pins, the second …; None or
    nothing: the first free place."""

    max_pins: int | None = None
    """How many items a PIN pins at most."""

    even_if_unavailable: bool = False
    """Whether a PIN also shows what is sold out or not available."""

    holdout: float = 0.0
    """Share of the users who never see the rule, to compare with; in [0, 1)."""

    kind: Kind = Kind.RULE
    override_id: str | None = None
    """UUID of the manual override that this is."""

    @property
    def precedence(self) -> tuple[int, int, str]:
        """Sort rules by this: the first goes first.

        >>> early = Rule(
        ...     id="b", action=Action.BLOCK, target=Target(type=TargetType.ITEM)
        ... )
        >>> late = msgspec.structs.replace(early, id="a", created_us=9)
        >>> min(late, early, key=lambda rule: rule.precedence).id
        'b'
        """
        return -self.priority, self.created_us, self.id


def encode(rule: Rule) -> bytes:
    """Return the canonical form: equal content, equal bytes."""
    return msgspec.json.encode(rule, order="deterministic")


def decode(document: bytes) -> Rule:
    """Read what :func:`encode` wrote."""
    return msgspec.json.decode(document, type=Rule)
