"""Compile rules in steps, so that a request pays only for those that match.

:func:`compile_rules` reads the rules of a namespace once per configuration.
:meth:`Rulebook.at` takes those of one surface that may be in force within a
quarter of an hour, and groups them by what they aim at: of a thousand rules on
one tag a candidate meets one group. :mod:`rules.core.index` says where groups
are found in a snapshot, and :mod:`rules.core.apply` what comes of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from .groups import Groups, make_groups
from .memo import Memo
from .reading import Reading, read_rules
from .rule import Rule
from .types import NO_RULES, RuleSet
from .windows import DAY_US

STRETCH_US = DAY_US // 96
"""So long groups are used. Windows that open or close within cost a comparison,
others nothing."""

MOST_STRETCHES = 3
"""The present one, the one before, and one that somebody previews."""

NO_SURFACE = "default"
"""The surface of a request that names none."""


class Rulebook(Struct, frozen=True, eq=False):
    """All rules of a namespace, ready to be asked about any surface and moment."""

    reading: Reading

    def __len__(self) -> int:
        return len(self.reading.rules)

    def at(self, surface: str | None, *, at_us: int) -> RuleSet:
        """Return the rules for a surface at an instant of the wall clock.

        Costs a microsecond, unless nobody asked for that surface in that
        quarter of an hour before.
        """
        if not self.reading.rules:
            return NO_RULES
        number = self.reading.surfaces.get(surface or NO_SURFACE, 0)
        since_us = at_us // STRETCH_US * STRETCH_US
        stretches: Memo = self.reading.by_surface.get(
            number, lambda: Memo(most=MOST_STRETCHES)
        )
        groups: Groups = stretches.get(
            since_us,
            lambda: make_groups(
                self.reading,
                surface=number,
                since_us=since_us,
                until_us=since_us + STRETCH_US,
            ),
        )
        return RuleSet(groups, at_us) if len(groups.rules) else NO_RULES


def compile_rules(rules: Iterable[Rule]) -> Rulebook:
    """Read the rules of a namespace, in any order.

    Examples
    --------
    >>> from rules.core.rule import Action, Target, TargetType
    >>> target = Target(type=TargetType.TAG, values=("sale",))
    >>> book = compile_rules([Rule(id="a", action=Action.BLOCK, target=target)])
    >>> len(book.at("home", at_us=0))
    1
    """
    return Rulebook(read_rules(rules))
