"""A rule's versions, each with what it changed, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.models import Namespace
from rules.core.content import Content
from rules.core.differences import Difference, differences
from rules.models import RuleVersion
from rules.queries.contents import read
from rules.queries.items import titles


@dataclass(frozen=True, kw_only=True)
class Line:
    """One version: who, when, why, and what became different."""

    version: RuleVersion
    changes: Sequence[Difference]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    before: RuleVersion
    after: RuleVersion
    changes: Sequence[Difference]


@dataclass(frozen=True, kw_only=True)
class Clash:
    """One field of a rule that two people changed, or one of them."""

    label: str
    before: str
    theirs: str
    mine: str

    @property
    def is_disputed(self) -> bool:
        return self.theirs not in (self.before, self.mine) and self.mine != self.before


def lines_of(namespace: Namespace, versions: Sequence[RuleVersion]) -> list[Line]:
    """Return lines for versions from new to old; the first has no changes."""
    contents = [read(each.content) for each in versions]
    named = titles(namespace, contents)
    earlier: list[Content | None] = [*contents, None][1:]
    return [
        Line(
            version=version,
            changes=differences(before, content, titles=named) if before else [],
        )
        for version, content, before in zip(versions, contents, earlier, strict=True)
    ]


def compare(
    namespace: Namespace, versions: Sequence[RuleVersion], *, before: str, after: str
) -> Comparison | None:
    """Compare two versions by their numbers; the newest two where none are named."""
    by_number = {str(each.number): each for each in versions}
    if len(versions) < 2:
        return None
    second = by_number.get(after, versions[0])
    first = by_number.get(before, versions[1])
    contents = read(first.content), read(second.content)
    named = titles(namespace, contents)
    changes = differences(*contents, titles=named)
    return Comparison(before=first, after=second, changes=changes)


def clashes(
    namespace: Namespace, before: Content, theirs: Content, mine: Content
) -> list[Clash]:
    """Return what either side changed, field by field, beside what was before."""
    named = titles(namespace, [before, theirs, mine])
    their_changes = {
        each.label: each for each in differences(before, theirs, titles=named)
    }
    my_changes = {each.label: each for each in differences(before, mine, titles=named)}
    return [
        _clash(label, their_changes.get(label), my_changes.get(label))
        for label in dict.fromkeys([*their_changes, *my_changes])
    ]


def _clash(label: str, theirs: Difference | None, mine: Difference | None) -> Clash:
    known = theirs or mine
    assert known is not None
    return Clash(
        label=label,
        before=known.before,
        theirs=theirs.after if theirs else known.before,
        mine=mine.after if mine else known.before,
    )
