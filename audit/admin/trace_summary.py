"""A trace in a few sentences, for somebody who reads no scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from audit.core.columns import rows
from audit.core.record import Trace
from audit.models import Decision

from . import words
from .rules_told import RuleTold
from .trace_view import Shown, drop_reasons, main_reason

_MOST_REASONS = 3
# Who moves items, by the columns that a trace has where they took part.
_MOVERS = {"mmr.": "variety", "cap.": "caps"}
_ACTIONS = {
    "PIN": ("a pin", "pins"),
    "BOOST": ("a boost", "boosts"),
    "BURY": ("a bury", "buries"),
    "BLOCK": ("a block", "blocks"),
    "FILTER": ("a filter", "filters"),
}
_NUMBERS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
)


def rules_in_short(told: Sequence[RuleTold]) -> str:
    """Return which rules took part: "Two pins, a boost and a block took part."."""
    counts = Counter(rule.action for rule in told)
    parts = [
        one if counts[action] == 1 else f"{_number(counts[action])} {many}"
        for action, (one, many) in _ACTIONS.items()
        if counts[action]
    ]
    if not parts:
        return "No rule took part."
    return _capitalised(f"{listed(parts)} took part.")


def summary(
    decision: Decision,
    trace: Trace,
    *,
    shown: Sequence[Shown],
    rules: Sequence[RuleTold],
) -> list[str]:
    """Return how the answer came about, one sentence after the other."""
    told = [
        _asked(decision, trace),
        _considered(trace),
        _left_out(trace),
        rules_in_short(rules),
        _moved(trace, shown),
        _because(trace),
        *_chance(trace),
        _degraded(decision.degraded),
    ]
    return [each for each in told if each]


def _asked(decision: Decision, trace: Trace) -> str:
    who = "a known user" if decision.user_hash else "an anonymous visitor"
    if decision.segment:
        who += f" of the segment {decision.segment}"
    events = int(trace.extras.get("recent_event_count", 0))
    if decision.user_hash:
        who += (
            f" with {_count(events, 'recent event')}"
            if events
            else " of whom no recent event counts"
        )
    where = decision.surface or decision.route
    count = len(decision.items)
    came = "all came" if count == decision.k else f"{count:,} came"
    asked = f"{_capitalised(where)} asked for {_count(decision.k, 'item')}"
    return f"{asked} for {who}; {came}."


def _considered(trace: Trace) -> str:
    total = trace.policy.get("total_candidates", 0)
    sources = sorted(
        ((name, each.count) for name, each in trace.candidate_sources.items()),
        key=lambda pair: (-pair[1], pair[0]),
    )
    told = [f"{words.source(name)} {count:,}" for name, count in sources if count]
    begun = f"{_count(total, 'item')} came into question"
    if not told:
        return f"{begun}."
    more = f", and {len(told) - 4} further sources" if len(told) > 4 else ""
    return f"{begun}. They were proposed by: {', '.join(told[:4])}{more}."


def _left_out(trace: Trace) -> str:
    reasons = drop_reasons(trace.drops)
    if not reasons:
        return "All of them could be shown."
    total = sum(each.count for each in reasons)
    told = [f"{each.count:,} {each.title.lower()}" for each in reasons]
    return f"{_count(total, 'item')} could not be shown: {listed(told)}."


def _moved(trace: Trace, shown: Sequence[Shown]) -> str:
    moved = sum(1 for each in shown if each.moved)
    if not moved:
        return "Every item stands where its score puts it."
    stand, them = (
        ("1 item stands", "it") if moved == 1 else (f"{moved:,} items stand", "them")
    )
    movers = [word for prefix, word in _MOVERS.items() if _has(trace, prefix)]
    movers += ["chance"] if trace.propensities else []
    pinned = sum(1 for each in shown if each.is_pinned)
    why = [f"{listed(movers)} moved {them}"] if movers else []
    why += [f"rules pinned {pinned:,}"] if pinned else []
    told = f": {', and '.join(why)}" if why else ""
    return f"{stand} elsewhere than the score alone would put {them}{told}."


def _has(trace: Trace, prefix: str) -> bool:
    return any(name.startswith(prefix) for name in trace.items.columns)


def _because(trace: Trace) -> str:
    parts = list(rows(trace.items.columns))
    mains = Counter(
        words.reason(main_reason(reasons, parts[place]))
        for place, reasons in enumerate(trace.items.reasons)
    )
    if not mains:
        return "Nothing was eligible, so the list is empty."
    told = [f"{name} ({count:,})" for name, count in mains.most_common(_MOST_REASONS)]
    return f"What mattered most: {listed(told)}."


def _chance(trace: Trace) -> Iterator[str]:
    if trace.propensities:
        count = _count(len(trace.propensities), "place")
        yield f"{_capitalised(count)} went to chance, to learn how other items do."


def _degraded(codes: Sequence[str]) -> str:
    if not codes:
        return "Every step took part: history, newest changes and rules were all read."
    return f"Left out: {listed([words.degradation(code) for code in codes])}."


def listed(parts: Sequence[str]) -> str:
    """Return words as a list: "a, b and c"."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def _count(number: int, word: str) -> str:
    return f"1 {word}" if number == 1 else f"{number:,} {word}s"


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def facts_of_sources(trace: Trace) -> list[Mapping[str, object]]:
    """Return each source with what it proposed and how long it took, most first."""
    return [
        {
            "name": words.source(name),
            "count": each.count,
            "took": words.milliseconds(each.duration_us) if each.duration_us else "–",
        }
        for name, each in sorted(
            trace.candidate_sources.items(), key=lambda pair: (-pair[1].count, pair[0])
        )
    ]
