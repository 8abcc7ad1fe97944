"""The verdict of a simulation, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from .judging import Judged, State
from .simulation import ScenarioRow, StepRecord

PASSED, FAILED, UNKNOWN = "passed", "failed", "unknown"


def verdict_of(
    steps: Sequence[StepRecord],
    scenarios: Sequence[ScenarioRow],
    judged: Sequence[Judged],
) -> tuple[str, str]:
    """Return the verdict and the sentence that says why.

    What failed comes first, then what nobody could tell, which is never a pass.

    Examples
    --------
    >>> verdict_of([], [], [])
    ('unknown', 'Nothing was judged: no scenario was played and no guardrail holds.')
    """
    reasons = [
        f"the step {each.step} failed ({each.note.removesuffix('.')})"
        for each in steps
        if each.state == "failed"
    ]
    failed = [each.id for each in scenarios if not each.passed]
    broken = [each.title for each in judged if each.state == State.STOP]
    if failed:
        reasons.append(f"{_count(len(failed), 'scenario')} failed: {', '.join(failed)}")
    if broken:
        reasons.append(
            f"{_count(len(broken), 'guardrail')} broken: {'; '.join(broken)}"
        )
    if reasons:
        return FAILED, f"Not fit to ship: {'. '.join(reasons)}."
    if not scenarios and not judged:
        return (
            UNKNOWN,
            "Nothing was judged: no scenario was played and no guardrail holds.",
        )
    missing = [each.title for each in judged if each.state == State.NOT_COMPUTED]
    skipped = [each.step for each in steps if each.state != "done"]
    if missing or skipped:
        told = (
            [f"{_count(len(missing), 'guardrail')} not computed: {'; '.join(missing)}"]
            if missing
            else []
        )
        told += [f"left out: {', '.join(skipped)}"] if skipped else []
        return UNKNOWN, f"Nothing is broken, but not all is known: {'. '.join(told)}."
    watched = [each.title for each in judged if each.state == State.WARN]
    sentence = (
        f"Fit to ship: {_all_of(len(scenarios), 'scenario')} passed and"
        f" {_all_of(len(judged), 'guardrail')} kept."
    )
    return PASSED, f"{sentence} Watch: {'; '.join(watched)}." if watched else sentence


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _all_of(number: int, what: str) -> str:
    if number == 1:
        return f"the one {what} is"
    return f"all {_count(number, what)} are"
