"""The changes of a change set, each in a sentence and in what becomes different."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.admin.page import Chip
from catalog.models import Namespace
from rules.core.differences import Difference, differences
from rules.core.sentences import sentence
from rules.models import ChangeSetItem, RuleVersion, Verb
from rules.queries.contents import read
from rules.queries.items import titles

from .words import ACTION_ICONS

PAGE_SIZE = 50
_VERBS = {
    Verb.PUBLISH: Chip(words="Changes", icon="edit", kind="accent"),
    Verb.PAUSE: Chip(words="Pauses", icon="pause", kind="warn"),
    Verb.RESUME: Chip(words="Resumes", icon="play", kind="good"),
    Verb.RETIRE: Chip(words="Retires", icon="block"),
    Verb.SUPERSEDE: Chip(words="Supersedes", icon="history"),
    Verb.ROLL_BACK: Chip(words="Restores", icon="back", kind="info"),
}
_NEW = Chip(words="New", icon="plus", kind="accent")


@dataclass(frozen=True, kw_only=True)
class ChangeRow:
    """What becomes of one rule."""

    item: ChangeSetItem
    chip: Chip
    icon: str
    sentence: str
    changes: Sequence[Difference]
    is_stale: bool


@dataclass(frozen=True, kw_only=True)
class ChangeRows:
    """One page of a change set."""

    rows: Sequence[ChangeRow]
    number: int
    total: int

    @property
    def pages(self) -> int:
        return max((self.total - 1) // PAGE_SIZE + 1, 1)

    @property
    def next_page(self) -> int | None:
        return self.number + 1 if self.number < self.pages else None

    @property
    def last_page(self) -> int | None:
        return self.number - 1 if self.number > 1 else None


def change_rows(
    namespace: Namespace, items: Sequence[ChangeSetItem], *, page: int
) -> ChangeRows:
    first = (max(page, 1) - 1) * PAGE_SIZE
    shown = items[first : first + PAGE_SIZE]
    before = _versions_before(shown)
    drafts = [read(item.content) for item in shown]
    earlier = [
        read(before[item.pk].content) if item.pk in before else None for item in shown
    ]
    named = titles(namespace, [*drafts, *filter(None, earlier)])
    rows = [
        ChangeRow(
            item=item,
            chip=_NEW if was is None else _VERBS[Verb(item.verb)],
            icon=ACTION_ICONS[said.rule.action],
            sentence=sentence(said.rule, titles=named),
            changes=differences(was, said, titles=named) if was else [],
            is_stale=_is_stale(item),
        )
        for item, said, was in zip(shown, drafts, earlier, strict=True)
    ]
    return ChangeRows(rows=rows, number=max(page, 1), total=len(items))


def _is_stale(item: ChangeSetItem) -> bool:
    is_open = item.change_set.state in ("draft", "in_review", "approved")
    return is_open and item.base_number != item.rule.version_number


def _versions_before(items: Sequence[ChangeSetItem]) -> dict[int, RuleVersion]:
    """Return the version on which each change was begun, by the change's key."""
    wanted = {item.rule_id: item for item in items if item.base_number}
    found = RuleVersion.objects.filter(
        rule__in=wanted, number__in={item.base_number for item in wanted.values()}
    )
    return {
        wanted[version.rule_id].pk: version
        for version in found
        if wanted[version.rule_id].base_number == version.number
    }
