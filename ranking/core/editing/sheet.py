"""Edits of a page, turned into the contents of rules. No database in here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import msgspec

from catalog.core.moments import microseconds
from rules.core.content import Content
from rules.core.rule import MAX_POSITION, Action, Kind, Rule, Target, TargetType
from rules.core.windows import is_in_force

from .edits import Do, Edit, Scope, Terms

_ACTIONS = {Do.BOOST: Action.BOOST, Do.BURY: Action.BURY, Do.BLOCK: Action.BLOCK}
_FREEING = (Action.BOOST, Action.BURY, Action.BLOCK)
# Ids of rules that are not stored yet; no stored rule has one like it.
_FIRST_NEW = 0xFFFF << 112


@dataclass(frozen=True, kw_only=True)
class Line:
    """A rule on the sheet: as it stands, or as the edits would have it."""

    rule_id: UUID
    content: Content
    base_number: int = 0
    """The version in force when the draft was begun; 0: there was none."""
    is_stored: bool = True
    """Whether there is a row for the rule already."""
    is_drafted: bool = False
    """Whether the saved draft changes it."""
    is_edited: bool = False
    """Whether the edits changed it."""
    is_ended: bool = False

    @property
    def is_new(self) -> bool:
        """Whether it was never published."""
        return self.base_number == 0


class Sheet:
    """The rules of the pages that a draft is about, to be written on.

    Parameters
    ----------
    lines : iterable of Line
        Rules in force, and those of the saved draft in their place.
    terms : Terms
    titles : mapping
        Item id to title, for the names of new rules.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 11, 21, tzinfo=UTC)
    >>> sheet = Sheet([], terms=Terms(at=at), titles={})
    >>> home = Scope("home")
    >>> sheet.apply([Edit(do=Do.PIN, item="lamp", scope=home, position=2),
    ...              Edit(do=Do.PIN, item="sofa", scope=home, position=2)])
    >>> [rule] = [line.content.rule for line in sheet.edited]
    >>> rule.target.values, rule.positions
    (('sofa', 'lamp'), (2, 3))
    """

    def __init__(
        self, lines: Iterable[Line], *, terms: Terms, titles: Mapping[str, str]
    ) -> None:
        self._lines = {line.rule_id: line for line in lines}
        self._terms = terms
        self._titles = titles
        self._at_us = microseconds(terms.at)
        self._n_begun = 0
        self.idle: list[Edit] = []
        """Edits that take out what no rule of just that page says."""

    def apply(self, edits: Iterable[Edit]) -> None:
        """Do what each edit says, one after the other."""
        for edit in edits:
            match edit.do:
                case Do.PIN:
                    self._pin(edit)
                case Do.UNPIN:
                    self._take_out(edit, (Action.PIN,))
                case Do.CLEAR:
                    self._take_out(edit, _FREEING)
                case _:
                    self._take_out(edit, _FREEING)
                    self._treat(edit)

    @property
    def lines(self) -> list[Line]:
        """All rules on the sheet."""
        return list(self._lines.values())

    @property
    def changed(self) -> list[Line]:
        """Rules that the saved draft or the edits change."""
        return [ln for ln in self._lines.values() if ln.is_edited or ln.is_drafted]

    @property
    def edited(self) -> list[Line]:
        """Rules that the edits change."""
        return [line for line in self._lines.values() if line.is_edited]

    def _pin(self, edit: Edit) -> None:
        holding = self._holding(edit, (Action.PIN,))
        line = next(holding, None) or self._own_pins(edit.scope)
        if line is None:
            line = self._begin(edit, Action.PIN, name=_pins_name(edit.scope))
        rule = line.content.rule
        others = dict(zip(rule.target.values, _places(rule), strict=True))
        others.pop(edit.item, None)
        moved = {edit.item: edit.position}
        self._write(line, moved | _making_room(others, place=edit.position))

    def _own_pins(self, scope: Scope) -> Line | None:
        """Return the rule of the draft that pins for a page and is nobody else's."""
        return next(
            (line for line in self._of(scope, (Action.PIN,)) if line.is_new), None
        )

    def _treat(self, edit: Edit) -> None:
        action = _ACTIONS[edit.do]
        title = self._titles.get(edit.item, edit.item)
        line = self._begin(edit, action, name=f"{action.capitalize()} {title}")
        value = None if action is Action.BLOCK else edit.value or 0.3
        if action is Action.BURY and value is not None:
            value = min(value, 1.0)
        self._replace(line, items=(edit.item,), value=value)

    def _take_out(self, edit: Edit, actions: Sequence[Action]) -> None:
        """Take an item out of the rules that name it; one that names no other ends."""
        holding = list(self._holding(edit, actions))
        if not holding and edit.do in (Do.UNPIN, Do.CLEAR):
            self.idle.append(edit)
        for line in holding:
            rule = line.content.rule
            left = dict(zip(rule.target.values, _places(rule), strict=True))
            del left[edit.item]
            if left:
                self._write(line, left)
            elif line.is_stored:
                self._keep(replace(line, is_ended=True, is_edited=True))
            else:
                del self._lines[line.rule_id]

    def _holding(self, edit: Edit, actions: Sequence[Action]) -> Iterator[Line]:
        return (
            line
            for line in self._of(edit.scope, actions)
            if edit.item in line.content.rule.target.values
        )

    def _of(self, scope: Scope, actions: Sequence[Action]) -> Iterator[Line]:
        """Return the rules that act on just that page now, in their order."""
        ordered = sorted(
            self._lines.values(), key=lambda ln: ln.content.rule.precedence
        )
        for line in ordered:
            rule = line.content.rule
            if (
                not line.is_ended
                and line.content.enabled
                and rule.action in actions
                and rule.target.type is TargetType.ITEM
                and rule.kind is Kind.RULE
                and rule.context is None
                and scope.holds(rule.surface, rule.segment)
                and (line.is_new or is_in_force(rule.windows, at_us=self._at_us))
            ):
                yield line

    def _begin(self, edit: Edit, action: Action, *, name: str) -> Line:
        """Put a rule on the sheet that was not there."""
        self._n_begun += 1
        rule_id = UUID(int=_FIRST_NEW + self._n_begun)
        rule = Rule(
            id=str(rule_id),
            action=action,
            target=Target(type=TargetType.ITEM, values=(edit.item,)),
            name=name,
            surface=edit.scope.surface,
            segment=edit.scope.segment,
            windows=self._terms.windows,
            priority=self._terms.lowest_priority if action is Action.PIN else 100,
            created_us=self._at_us + self._n_begun,
        )
        return Line(
            rule_id=rule_id,
            content=Content(
                rule=rule, owner=self._terms.owner, review_by=self._terms.review_by
            ),
            is_stored=False,
        )

    def _write(self, line: Line, pinned: Mapping[str, int | None]) -> None:
        is_pin = line.content.rule.action is Action.PIN
        self._replace(
            line,
            items=tuple(pinned),
            positions=tuple(pinned.values()) if is_pin else (),
        )

    def _replace(
        self, line: Line, *, items: tuple[str, ...], **changed: object
    ) -> None:
        rule = line.content.rule
        target = msgspec.structs.replace(rule.target, values=items)
        made = msgspec.structs.replace(rule, target=target, **changed)
        content = msgspec.structs.replace(line.content, rule=made)
        self._keep(replace(line, content=content, is_edited=True))

    def _keep(self, line: Line) -> None:
        self._lines[line.rule_id] = line


def _places(rule: Rule) -> list[int | None]:
    """Return the place that a rule wants for each item that it names."""
    missing = len(rule.target.values) - len(rule.positions)
    return [*rule.positions, *[None] * missing][: len(rule.target.values)]


def _making_room(
    pinned: Mapping[str, int | None], *, place: int | None
) -> dict[str, int | None]:
    """Return pins moved down from a place on, as far as one pushes the next.

    Of what is pushed off the last place it stays open where it goes.

    >>> _making_room({"lamp": 2, "rug": 3, "sofa": 5}, place=2)
    {'lamp': 3, 'rug': 4, 'sofa': 5}
    """
    moved = dict(pinned)
    at_place = {where: item for item, where in pinned.items() if where is not None}
    while place is not None and place in at_place:
        following = place + 1 if place < MAX_POSITION else None
        moved[at_place[place]] = following
        place = following
    return moved


def _pins_name(scope: Scope) -> str:
    for_whom = f" for {scope.segment}" if scope.segment else ""
    return f"Pins on {scope.surface}{for_whom}"
