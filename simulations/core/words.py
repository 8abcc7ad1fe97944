"""What a full check came to, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from .forecast import Forecast, Sample
from .judging import FEW_REQUESTS, Judged, State


def headline_of(
    sample: Sample,
    forecast: Forecast | None,
    judged: Sequence[Judged],
    *,
    why_not: str,
    unkept: Sequence[str] = (),
) -> str:
    """Say what a check came to: what stops it first, then what it changes.

    Examples
    --------
    >>> headline_of(None, None, [], why_not="There are no decisions yet.")
    'There are no decisions yet. Not computed is not passed.'
    """
    broken = [each.title for each in judged if each.state == State.STOP]
    if broken:
        return f"It breaks a guardrail: {'; '.join(broken)}."
    if forecast is None:
        return f"{why_not} Not computed is not passed."
    moved = forecast.movement
    changes = (
        f"{moved.changed:,} of {moved.positions:,} positions change, in"
        f" {moved.touched:,} of {moved.requests:,} requests."
    )
    if unkept:
        return (
            f"{changes} That is not all: it asks for {', '.join(unkept)} of a request,"
            " which these decisions do not hold. Not computed is not passed."
        )
    if sample.replayed < FEW_REQUESTS:
        return f"{changes} So few requests prove nothing: this is not passed."
    warned = [each.title for each in judged if each.state == State.WARN]
    return f"{changes} Watch: {'; '.join(warned)}." if warned else changes
