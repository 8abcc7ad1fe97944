"""What each line of a CSV file would do to the rules of a namespace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal
from uuid import UUID

import msgspec

from catalog.core.faults import BadInputError
from catalog.models import Namespace
from rules.core.content import Content, content_hash
from rules.core.differences import differences
from rules.core.sentences import sentence
from rules.models import Rule, RuleState
from rules.queries.contents import read

from .csv_lines import Cells, NumberedLine
from .csv_rows import content_from


class FoundLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a dry run says of one line of the file."""

    line: int
    verdict: Literal["new", "changed", "same", "faulty"]
    name: str = ""
    rule_id: str = ""
    sentence: str = ""
    changes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    base_number: int = 0
    content: Content | None = None


def tried_lines(
    namespace: Namespace,
    lines: Sequence[NumberedLine],
    *,
    seen: set[str],
) -> Iterator[FoundLine]:
    """Say of each line what it would do; `seen` are the rules of earlier lines."""
    wanted = {
        key
        for _, cells in lines
        if not isinstance(cells, str) and (key := _uuid(cells.get("rule_id", "")))
    }
    rules = Rule.objects.filter(namespace=namespace, pk__in=wanted, is_override=False)
    known = {str(rule.pk): rule for rule in rules.select_related("version")}
    for number, cells in lines:
        if isinstance(cells, str):
            yield FoundLine(line=number, verdict="faulty", faults=(cells,))
            continue
        found = _one(number, cells, known)
        if found.rule_id and found.rule_id in seen:
            words = f"Rule {found.rule_id} stands in an earlier line."
            found = FoundLine(
                line=number, verdict="faulty", name=found.name, faults=(words,)
            )
        seen.add(found.rule_id)
        yield found


def _one(number: int, cells: Cells, known: Mapping[str, Rule]) -> FoundLine:
    rule_id = cells.get("rule_id", "").strip().lower()
    name = cells.get("name", "")
    rule = known.get(rule_id)
    if rule_id and (rule is None or rule.version is None):
        words = f"This namespace has no published rule {rule_id}."
        return FoundLine(line=number, verdict="faulty", name=name, faults=(words,))
    if rule is not None and rule.state == RuleState.RETIRED:
        words = "The rule is retired."
        return FoundLine(line=number, verdict="faulty", name=name, faults=(words,))
    try:
        content = content_from(cells, rule_id=rule_id)
    except BadInputError as error:
        faults = tuple(fault.message for fault in error.faults)
        return FoundLine(line=number, verdict="faulty", name=name, faults=faults)
    words = sentence(content.rule)
    if rule is None:
        return FoundLine(
            line=number, verdict="new", name=name, sentence=words, content=content
        )
    assert rule.version is not None
    before = read(rule.version.content)
    content = _as_of(before, content)
    is_same = content_hash(content) == content_hash(before)
    return FoundLine(
        line=number,
        verdict="same" if is_same else "changed",
        name=name,
        rule_id=rule_id,
        sentence=words,
        changes=tuple(each.words for each in differences(before, content)),
        base_number=rule.version_number,
        content=None if is_same else content,
    )


def _as_of(before: Content, content: Content) -> Content:
    """Return a content with what a file cannot say of a rule that exists."""
    rule = msgspec.structs.replace(
        content.rule,
        created_us=before.rule.created_us,
        kind=before.rule.kind,
        override_id=before.rule.override_id,
    )
    return msgspec.structs.replace(content, rule=rule)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
