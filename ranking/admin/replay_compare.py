"""What two decisions have otherwise, and what they were made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from audit.core.record import Trace
from audit.models import Decision
from audit.queries import open_trace_of
from ranking.core.difference import differences

from .replay_sides import SideBySide, as_shown, side_by_side, stored


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two answers, place by place, and in words."""

    other: Decision
    both: SideBySide
    facts: list[tuple[str, str, str]]
    """What, before, after."""


def compared(decision: Decision, other: Decision) -> Comparison | None:
    """Compare two decisions; None when the trace of one was not kept."""
    one, two = open_trace_of(decision), open_trace_of(other)
    if one is None or two is None:
        return None
    changes = differences(as_shown(one), as_shown(two))
    return Comparison(
        other=other,
        both=side_by_side(
            stored(one),
            stored(two),
            changes=changes,
            namespace_id=decision.namespace_id,
        ),
        facts=list(_facts(decision, other, one, two)),
    )


def _facts(
    decision: Decision, other: Decision, one: Trace, two: Trace
) -> Iterable[tuple[str, str, str]]:
    """Return what the two answers were made from, where that differs."""
    for title, before, after in (
        ("Surface", decision.surface, other.surface),
        ("Segment", decision.segment or "none", other.segment or "none"),
        ("User", _who(decision), _who(other)),
        ("Profile", _profile(decision), _profile(other)),
        ("Snapshot", _short(decision.snapshot_hash), _short(other.snapshot_hash)),
        ("Changes up to", str(decision.change_number), str(other.change_number)),
        ("Rules that took part", _rules(one), _rules(two)),
        ("Left out", ", ".join(decision.degraded), ", ".join(other.degraded)),
        ("Items asked for", str(decision.k), str(other.k)),
    ):
        if before != after:
            yield title, before or "nothing", after or "nothing"
    for knob in sorted({*one.knobs, *two.knobs}):
        here, there = one.knobs.get(knob), two.knobs.get(knob)
        if here != there:
            yield f"Knob {knob}", _value(here), _value(there)


def _who(decision: Decision) -> str:
    return _short(decision.user_hash) if decision.user_hash else "anonymous"


def _profile(decision: Decision) -> str:
    name = decision.profile or "built-in defaults"
    version = decision.profile_version
    return f"{name}, version {version}" if version else name


def _rules(trace: Trace) -> str:
    return ", ".join(str(rule["name"] or rule["id"]) for rule in trace.rules)


def _short(content: bytes | memoryview | None) -> str:
    return bytes(content).hex()[:8] if content else "none"


def _value(value: Any) -> str:
    return "default" if value is None else str(value)
