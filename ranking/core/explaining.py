"""Why an item, or a page, did what it did: facts, and a text that cites only them.

The text comes from a template, or from a language model that was given the facts.
What it cites is checked: a text that names evidence which the facts do not hold is not
shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct, to_builtins

MOST_TRACES = 25
"""So many of the newest answers are looked into."""

_CITED = re.compile(r"\[([a-z_]+(?::[^\[\]\s]+)?)\](?!\()")
_SYSTEM = (
    "You explain to a merchandiser what a recommender did. Use only the facts given."
    " Write Markdown with the sections Summary, Status, Key findings, Likely causes and"
    " Suggested fix. Cite the id of the evidence in square brackets after each"
    " statement, such as [metric_impressions]. Never cite an id that is not given."
)


class TargetKind(StrEnum):
    """What is asked about."""

    ITEM = "item"
    SURFACE = "surface"


class Status(StrEnum):
    """How the target does."""

    NOT_WORKING = "not_working"
    """It was in no answer."""
    DEGRADED = "degraded"
    """It was shown and nobody chose it."""
    WORKING = "working_as_configured"


class Evidence(Struct, frozen=True):
    """One thing that is known, by the id under which it is cited."""

    id: str
    words: str


class Facts(Struct, frozen=True, kw_only=True):
    """What is known of a target in a stretch of time."""

    target_type: TargetKind
    target_id: str
    namespace: str
    surface: str | None
    segment_id: str | None
    since: datetime
    until: datetime
    decisions: int
    """Answers in that time."""
    impressions: int
    """Of an item: those that held it. Of a surface: the items in all of them."""
    clicks: int | None
    """None where no feedback came."""
    findings: tuple[Evidence, ...] = ()
    """What traces and figures show."""
    causes: tuple[Evidence, ...] = ()
    """What kept the target out, or moved it."""
    fixes: tuple[str, ...] = ()
    links: tuple[str, ...] = ()

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Everything that may be cited."""
        return (*self.findings, *self.causes)

    @property
    def status(self) -> Status:
        """How the target does, by what was counted."""
        if not self.impressions:
            return Status.NOT_WORKING
        return Status.DEGRADED if self.clicks == 0 else Status.WORKING

    @property
    def ctr(self) -> float | None:
        """Clicks by impressions; None where no feedback came."""
        if self.clicks is None or not self.impressions:
            return None
        return self.clicks / self.impressions


_STATUS_WORDS = {
    Status.NOT_WORKING: "It was in no answer in this time.",
    Status.DEGRADED: "It was shown, and nobody chose it.",
    Status.WORKING: "It is answered as the configuration asks for.",
}


def template(facts: Facts) -> str:
    """Return the facts as text, each statement with the evidence for it."""
    parts = [
        "## Summary",
        _summary(facts),
        "## Status",
        f"**{facts.status}** {_STATUS_WORDS[facts.status]} [metric_impressions]",
        "## Key findings",
        _list(facts.findings, otherwise="Nothing was found."),
        "## Likely causes",
        _list(facts.causes, otherwise="Nothing kept it out and no rule moved it."),
        "## Suggested fix",
        "\n".join(f"- {fix}" for fix in facts.fixes) or "Nothing has to be done.",
    ]
    return "\n\n".join(parts) + "\n"


def messages(facts: Facts, *, question: str | None) -> list[dict[str, str]]:
    """Return what a chat model is asked: the rules, then the facts and the question."""
    known = to_builtins(facts)
    known |= {"status": facts.status, "ctr": facts.ctr}
    asked = json.dumps(known, sort_keys=True, ensure_ascii=False)
    if question:
        asked += f"\n\nQuestion: {question}"
    return [
        {"role": "system", "content": _SYSTEM},
        {"role": "user", "content": asked},
    ]


def counted(number: int, noun: str) -> str:
    """Return a number of things in words.

    >>> counted(1, "answer"), counted(2_000, "answer")
    ('1 answer', '2,000 answers')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def cited(text: str) -> list[str]:
    """Return the ids that a text cites, in order, each once.

    Examples
    --------
    >>> cited("Blocked [rule_match:7]. See [the page](/x). Shown twice [metric_ctr].")
    ['rule_match:7', 'metric_ctr']
    """
    return list(dict.fromkeys(_CITED.findall(text)))


def unknown_evidence(text: str, facts: Facts) -> list[str]:
    """Return what a text cites that the facts do not hold."""
    known = {each.id for each in facts.evidence}
    return [each for each in cited(text) if each not in known]


def _summary(facts: Facts) -> str:
    where = f" on {facts.surface}" if facts.surface else ""
    who = f" for segment {facts.segment_id}" if facts.segment_id else ""
    is_one = facts.decisions == 1
    if facts.target_type is TargetKind.SURFACE:
        held = (
            f"with {counted(facts.impressions, 'item')} in {'it' if is_one else 'them'}"
        )
    elif is_one:
        held = (
            f"which {'held' if facts.impressions else 'did not hold'} {facts.target_id}"
        )
    else:
        held = f"{facts.impressions:,} of which held {facts.target_id}"
    return (
        f"There {'was' if is_one else 'were'} {counted(facts.decisions, 'answer')}"
        f"{where}{who}, {held}."
        " [metric_decisions] [metric_impressions]"
    )


def _list(evidence: Sequence[Evidence], *, otherwise: str) -> str:
    return "\n".join(f"- {each.words} [{each.id}]" for each in evidence) or otherwise
