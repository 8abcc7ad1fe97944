"""What rules did in an answer: a sentence for each, and whose places they made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit.core.record import Trace

from . import words

_ICONS = {
    "PIN": "lock",
    "BOOST": "up",
    "BURY": "down",
    "BLOCK": "block",
    "FILTER": "filter",
}
_NAMED = re.compile(r"^rule\.[a-z]+(?::(?P<value>[^\[]*))?\[(?P<id>[^\]]+)\]$")
_LONGEST_NAME = 40
OVERRIDE = "override"


@dataclass(frozen=True, kw_only=True)
class RuleTold:
    """A rule or override that met a candidate."""

    id: str
    name: str
    version: int
    action: str
    sentence: str
    is_override: bool
    left: Sequence[str]
    """Why its pins are not in the list, one sentence each."""

    @property
    def icon(self) -> str:
        return _ICONS.get(self.action, "rules")

    @property
    def chip(self) -> str:
        name = self.name or self.id[:8]
        return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def rules_told(trace: Trace) -> list[RuleTold]:
    """Return the rules that took part, those that act first before others."""
    return [_told(rule) for rule in trace.rules]


def rules_of_items(
    trace: Trace, told: Sequence[RuleTold]
) -> Sequence[Sequence[RuleTold]]:
    """Return, for each item of the answer, the rules to which it owes its place."""
    known = {rule.id: rule for rule in told}
    return [
        [known[name] for name in map(rule_id_of, reasons) if name in known]
        for reasons in trace.items.reasons
    ]


def rule_id_of(reason: str) -> str:
    """Return the rule that a reason names, "" when it names none."""
    found = _NAMED.match(reason)
    return found["id"] if found else ""


def _told(rule: Mapping[str, Any]) -> RuleTold:
    return RuleTold(
        id=str(rule["id"]),
        name=str(rule.get("name") or ""),
        version=int(rule.get("version") or 0),
        action=str(rule["action"]),
        sentence=_sentence(rule),
        is_override=rule.get("kind") == OVERRIDE,
        left=[_left(each) for each in rule.get("unpinned", ())],
    )


def _sentence(rule: Mapping[str, Any]) -> str:
    matched, shown = int(rule["matched"]), int(rule["shown"])
    if rule.get("held"):
        return "This user is held out of it to compare with, so it did nothing."
    share = f"{100 * abs(float(rule.get('value') or 0)):.4g} %"
    met = f"It met {_candidates(matched)}, {_shown(shown)}."
    sentences = {
        "PIN": f"Put {_items(shown)} in a fixed place.",
        "BOOST": f"Lifted scores by {share}. {met}",
        "BURY": f"Lowered scores by {share}. {met}",
        "BLOCK": f"Took out {_candidates(matched)}.",
        "FILTER": f"Showed nothing but what it names: {_candidates(matched)}.",
    }
    return sentences.get(str(rule["action"]), met)


def _candidates(count: int) -> str:
    return "1 candidate" if count == 1 else f"{count:,} candidates"


def _items(count: int) -> str:
    return {0: "no item", 1: "1 item"}.get(count, f"{count:,} items")


def _shown(count: int) -> str:
    if count == 0:
        return "none of them in the list"
    return "1 of them in the list" if count == 1 else f"{count:,} of them in the list"


_LEFT = {
    "pinned_by_other": "another rule pins it already",
    "beyond_page": "the list ends before that place",
    "no_slot_left": "the list has no room for more pins",
    "unknown_item": "the catalog does not know it",
    "rule_block": "a rule blocks it",
    "rule_filter": "a rule shows nothing but others",
}


def _left(pin: Mapping[str, Any]) -> str:
    reason = str(pin["reason"])
    why = _LEFT.get(reason) or _because(words.drop(reason))
    place = f" at {pin['position']}" if pin.get("position") else ""
    return f"{pin.get('item_id') or 'An item'} was not pinned{place}: {why}."


def _because(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].rstrip(".")
