"""How verdicts and guardrails look: an icon and words; what is not computed is grey."""

from __future__ import annotations

from collections.abc import Mapping

from catalog.admin.page import Chip
from rules.models import ChangeCheck, CheckKind, CheckVerdict
from simulations.core.judging import Judged, State
from simulations.core.limits import GUARDRAILS

STATE_CHIPS: Mapping[str, Chip] = {
    State.PASS: Chip(words="Kept", icon="check", kind="good"),
    State.WARN: Chip(words="Watch", icon="warning", kind="warn"),
    State.STOP: Chip(words="Broken", icon="block", kind="bad"),
    State.NOT_COMPUTED: Chip(words="Not computed", icon="help"),
}
_STALE = Chip(words="Out of date", icon="stale", kind="warn")
_BROKEN = Chip(words="Breaks a guardrail", icon="block", kind="bad")
_UNKNOWN = Chip(words="Not computed", icon="help", kind="warn")
_QUICK = Chip(words="Checked quickly", icon="check", kind="info")
_WATCH = Chip(words="Passed, watch", icon="warning", kind="warn")
_PASSED = Chip(words="Passed", icon="check", kind="good")


def verdict_chip(check: ChangeCheck, *, is_fresh: bool) -> Chip:
    """Return a verdict in two words. Only a full check that holds is green."""
    if check.verdict == CheckVerdict.BLOCKED:
        return _BROKEN
    if not is_fresh:
        return _STALE
    if check.verdict == CheckVerdict.UNKNOWN:
        return _UNKNOWN
    if check.kind == CheckKind.QUICK:
        return _QUICK
    states = {each["state"] for each in check.report.get("guardrails", ())}
    return _WATCH if State.WARN in states else _PASSED


def figure_words(judged: Judged, value: float | None) -> str:
    """Return a guardrail's figure or limit as people read it."""
    guardrail = GUARDRAILS.get(judged.name)
    if value is None or guardrail is None:
        return "–"
    return guardrail.in_words(value)


def limit_words(judged: Judged) -> str:
    """Return the limits of a guardrail.

    >>> from simulations.core.limits import Limit
    >>> from simulations.core.judging import judge
    >>> limit_words(judge({"max_empty_share": Limit(stop=0.02)}, after=None)[0])
    'at most 2.0 %'
    """
    guardrail = GUARDRAILS.get(judged.name)
    if guardrail is None:
        return "–"
    side = "at least" if guardrail.is_floor else "at most"
    if judged.stop is None:
        return f"warns beyond {figure_words(judged, judged.warn)}"
    told = f"{side} {guardrail.in_words(judged.stop)}"
    if judged.warn is not None:
        told += f", warns beyond {guardrail.in_words(judged.warn)}"
    return told
