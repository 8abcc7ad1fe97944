"""Why an item is not there, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.admin import words
from catalog.admin.page import Chip
from catalog.models import Item
from ranking.core.fate import Fate, Said, Verdict
from ranking.core.request import Constraints
from ranking.serve import Replay
from rules.core.rule import Kind
from rules.core.sentences import sentence as rule_in_words

_CHIPS = {
    Verdict.SHOWN: Chip(words="in the list", icon="check", kind="good"),
    Verdict.UNKNOWN: Chip(words="unknown then", icon="help"),
    Verdict.DROPPED: Chip(words="not eligible", icon="filter"),
    Verdict.BLOCKED: Chip(words="blocked by a rule", icon="block", kind="bad"),
    Verdict.FILTERED: Chip(words="left out by a rule", icon="filter", kind="bad"),
    Verdict.NOT_PROPOSED: Chip(words="no candidate", icon="search"),
    Verdict.CAPPED: Chip(words="cut by a cap", icon="filter", kind="warn"),
    Verdict.UNLIKE: Chip(words="cut for variety", icon="filter", kind="warn"),
    Verdict.OUTRANKED: Chip(words="outranked", icon="down"),
}


@dataclass(frozen=True, kw_only=True)
class RuleLine:
    """A rule that had to do with the item."""

    id: str
    name: str
    words: str
    is_override: bool


@dataclass(frozen=True, kw_only=True)
class Answered:
    """The answer to somebody who asks why an item is not there."""

    chip: Chip
    sentence: str
    more: Sequence[str]
    rules: Sequence[RuleLine]
    hint: str


def answered(found: Replay, fate: Fate, *, item: Item | None) -> Answered:
    """Say what became of an item in a replayed answer."""
    return Answered(
        chip=_CHIPS[fate.verdict],
        sentence=_sentence(found, fate, item=item),
        more=list(_more(fate)),
        rules=[
            RuleLine(
                id=rule.id,
                name=rule.name,
                words=rule_in_words(rule),
                is_override=rule.kind is Kind.OVERRIDE,
            )
            for rule in fate.rules
        ],
        hint=_HINTS.get(fate.verdict, ""),
    )


_PLAIN = {
    Verdict.BLOCKED: "A rule blocks it, so it was taken out before the list was made.",
    Verdict.FILTERED: "A rule shows nothing but others, and it is none of them.",
    Verdict.NOT_PROPOSED: (
        "It could have been shown, but no source proposed it: it was none of the"
        " {fate.n_candidates:,} candidates, so nobody compared it with them."
    ),
    Verdict.UNLIKE: (
        "It ranked {fate.rank:,} by score, before some that are in the list. The list"
        " prefers variety, and what stands in it is too much like this one."
    ),
}
_HINTS = {
    Verdict.NOT_PROPOSED: "A pin or a boost that names it makes it a candidate.",
    Verdict.OUTRANKED: "A boost lifts its score, a pin gives it a place.",
    Verdict.CAPPED: "Raise the cap in the profile, or pin it: pins are not capped.",
    Verdict.UNLIKE: "Let the profile weigh variety less, or pin it.",
}


def _sentence(found: Replay, fate: Fate, *, item: Item | None) -> str:
    if fate.verdict in _PLAIN:
        return _PLAIN[fate.verdict].format(fate=fate)
    tell = {
        Verdict.SHOWN: lambda: _shown(fate),
        Verdict.UNKNOWN: lambda: _unknown(found, item=item),
        Verdict.DROPPED: lambda: _dropped(fate.drop, found.then.request.constraints),
        Verdict.CAPPED: lambda: f"It scored high enough, but {_full(fate)}.",
        Verdict.OUTRANKED: lambda: _outranked(
            fate, length=len(found.canonical["items"])
        ),
    }
    return tell[fate.verdict]()


def _shown(fate: Fate) -> str:
    if fate.is_pinned:
        return f"It is in the list, at position {fate.slot}: a rule pins it there."
    if fate.is_explored:
        return f"It is in the list, at position {fate.slot}: drawn by chance, to learn."
    return f"It is in the list, at position {fate.slot}. By score it ranks {fate.rank}."


def _unknown(found: Replay, *, item: Item | None) -> str:
    if item is None:
        return "The catalog knows no item of this id, neither then nor now."
    if item.created_at > found.then.decision.answered_at:
        return "It came into the catalog only after this answer."
    return (
        "What served then did not know it yet: it is in the catalog, and was not among"
        " the signals and changes that this answer was made from."
    )


def _dropped(code: str, asked: Constraints) -> str:
    told = words.drop(code)
    limits = {
        "price_below_min": asked.price_min,
        "price_above_max": asked.price_max,
    }
    if (limit := limits.get(code)) is not None:
        return f"{told} The limit was {limit:,.2f}."
    if code == "include_tags":
        tags = " or ".join(asked.include_tags_any)
        return f"{told} It asks for {tags}."
    return told


def _full(fate: Fate) -> str:
    told = [
        f"the list holds at most {full.limit} of {full.dimension} {full.value}, and"
        " that many were there"
        for full in fate.full
    ]
    return "; and ".join(told)


def _outranked(fate: Fate, *, length: int) -> str:
    ranked = f"It ranked {fate.rank:,} of {fate.n_candidates:,} by score"
    if fate.score is None or fate.last_score is None:
        return f"{ranked}; rules filled the list of {length}."
    if not fate.gap:
        return (
            f"{ranked}, level with the last of the list at {fate.score:.3f}. Of equal"
            " scores the smaller id goes first, and the list was full."
        )
    return (
        f"{ranked}; the list has {length} places. It scored {fate.score:.3f}, the last"
        f" that came in by score {fate.last_score:.3f}: it lacked {fate.gap:.3f}."
    )


def _more(fate: Fate) -> Iterator[str]:
    for said in fate.said:
        yield _source(said)
    if fate.would is not None:
        yield _would(fate.would)


def _source(said: Said) -> str:
    name = words.source(said.source)
    if not said.place:
        return f"{name}: does not know it, however many it may propose."
    if said.limit is not None and said.place > said.limit:
        return (
            f"{name}: puts it at {said.place:,} and proposes the first {said.limit:,}."
        )
    return f"{name}: puts it at {said.place:,}."


def _would(would: Fate) -> str:
    begun = "Had one of them proposed it,"
    match would.verdict:
        case Verdict.SHOWN:
            return f"{begun} it would stand at position {would.slot}."
        case Verdict.BLOCKED | Verdict.FILTERED:
            return f"{begun} a rule would still have kept it out."
        case Verdict.CAPPED:
            return f"{begun} it would have met a cap: {_full(would)}."
        case Verdict.OUTRANKED if would.gap:
            return (
                f"{begun} it would have ranked {would.rank:,} by score and still not"
                f" be there: it would lack {would.gap:.3f}."
            )
        case _:
            return (
                f"{begun} it would have ranked {would.rank:,} and still not be there."
            )
