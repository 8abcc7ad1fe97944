"""An honest report: estimates where the log can carry them, else why it cannot."""

from __future__ import annotations

import msgspec
import numpy as np

from .estimators import (
    Estimate,
    doubly_robust,
    effective_size,
    ips,
    mean_of,
    snips,
    weights_of,
)
from .log import Log

CLIP = 10.0
"""Largest weight of one decision."""

FEWEST = 100
"""Decisions by chance that an estimate needs."""

SMALLEST_SIZE = 50.0
"""Effective sample size that an estimate needs."""

LEAST_SUPPORT = 0.5
"""Of the decisions by chance, those in which the target's action was possible."""

MOST_CLIPPED = 0.05
"""Of the weight, what clipping may take away before the estimate is too biased."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a log says of a target policy, or why it says nothing."""

    n: int
    """Decisions looked at."""

    n_deterministic: int
    """Without chance in them, left out."""

    n_unsupported: int
    """In which the target's action could not have been taken, left out."""

    n_used: int
    size: float
    """Effective sample size."""

    largest_weight: float
    mean_weight: float
    """About 1 when the logging policy could do all that the target does."""

    clip: float
    clipped_share: float
    """Share of the weight that clipping took away."""

    logged: Estimate | None = None
    """What the decisions used did earn."""

    estimates: tuple[Estimate, ...] = ()
    """IPS, SNIPS and, with predictions, DR; none when refused."""

    difference: Estimate | None = None
    """Target minus logged on the same decisions, by the last of the estimates."""

    refusals: tuple[str, ...] = ()
    """Why there is no estimate, in sentences; none when there is one."""

    notes: tuple[str, ...] = ()
    """What to keep in mind, in sentences."""

    @property
    def is_refused(self) -> bool:
        """Whether nothing may be concluded."""
        return bool(self.refusals)

    @property
    def verdict(self) -> str:
        """What to conclude, in a sentence."""
        if self.difference is None or self.logged is None:
            return "Nothing can be concluded: " + " ".join(self.refusals)
        best, low, high = self.estimates[-1], self.difference.low, self.difference.high
        against = (
            f"{best.value:.4f} a decision against {self.logged.value:.4f} as decided"
            f" (difference {self.difference.value:+.4f}, {low:+.4f} to {high:+.4f})"
        )
        if low > 0:
            return f"It would have earned more: {against}."
        if high < 0:
            return f"It would have earned less: {against}."
        return f"No difference is shown: {against}."


def evaluate(log: Log, *, clip: float = CLIP) -> Report:
    """Estimate what the target policy would have earned, if that can be known.

    Rows without chance are never weighted: one in which the only possible action
    was taken says nothing about any other.

    Parameters
    ----------
    log : Log
    clip : float
        Largest weight of one decision, at least 1.
    """
    if not clip >= 1.0:
        raise ValueError(f"clip must be at least 1, not {clip}")
    is_random = log.propensities < 1.0
    is_possible = (
        np.ones(len(log), dtype=np.bool_) if log.supported is None else log.supported
    )
    used = log.where(is_random & is_possible)
    whole = used.targets / used.propensities
    weights = weights_of(used, clip=clip)
    total = float(whole.sum())
    report = Report(
        n=len(log),
        n_deterministic=int((~is_random).sum()),
        n_unsupported=int((is_random & ~is_possible).sum()),
        n_used=len(used),
        size=effective_size(weights),
        largest_weight=float(whole.max(initial=0.0)),
        mean_weight=float(whole.mean()) if len(used) else 0.0,
        clip=clip,
        clipped_share=1.0 - float(weights.sum()) / total if total else 0.0,
    )
    refusals = _refusals(report)
    report = msgspec.structs.replace(
        report,
        refusals=refusals,
        notes=_notes(report),
        logged=mean_of(used.rewards, "logged") if len(used) > 1 else None,
    )
    return report if refusals else _estimated(report, used)


def _estimated(report: Report, used: Log) -> Report:
    clip = report.clip
    estimates = [ips(used, clip=clip), snips(used, clip=clip)]
    weights = weights_of(used, clip=clip)
    normal = weights / weights.mean()
    terms = normal * (used.rewards - estimates[-1].value) + estimates[-1].value
    if used.predicted is not None:
        estimates.append(doubly_robust(used, clip=clip))
        model = used.predicted
        terms = model.target + weights * (used.rewards - model.taken)
    return msgspec.structs.replace(
        report,
        estimates=tuple(estimates),
        difference=mean_of(terms - used.rewards, "difference", size=report.size),
    )


def _refusals(report: Report) -> tuple[str, ...]:
    if not report.n:
        return (
            "There is no decision to judge: none was made in that time, or what they"
            " earn may still come.",
        )
    drawn = report.n - report.n_deterministic
    if not drawn:
        return (
            f"None of {report.n:,} decisions was made by chance, so that nothing is "
            "known of what else could have been done. Let a few places be explored "
            "(exploration_slots), or a bandit choose by thompson.",
        )
    found = []
    support = (drawn - report.n_unsupported) / drawn
    if support < LEAST_SUPPORT:
        found.append(
            f"In {1 - support:.0%} of the {drawn:,} decisions made by chance the "
            "other policy would do what could not have happened: both overlap too "
            "little."
        )
    if report.n_used < FEWEST:
        found.append(
            f"Only {report.n_used:,} decisions can be used; at least {FEWEST} are "
            "needed. Wait for more."
        )
    elif report.size < SMALLEST_SIZE:
        found.append(
            f"The {report.n_used:,} decisions weigh as much as {report.size:.0f}; at "
            f"least {SMALLEST_SIZE:.0f} are needed. The other policy does what was "
            "seldom done."
        )
    if report.clipped_share > MOST_CLIPPED:
        found.append(
            f"Weights above {report.clip:g} carry {report.clipped_share:.0%} too much "
            "to be cut: an estimate without them would be biased, one with them "
            "would hang on few decisions."
        )
    return tuple(found)


def _notes(report: Report) -> tuple[str, ...]:
    found = []
    if report.n_deterministic:
        found.append(
            f"{report.n_deterministic:,} decisions had no chance in them and are left "
            "out."
        )
    if report.n_unsupported:
        found.append(
            f"{report.n_unsupported:,} decisions are left out in which the other "
            "policy would do what could not have happened: the estimate is of the "
            "others alone."
        )
    if report.clipped_share > 0:
        found.append(
            f"Weights are cut at {report.clip:g}, which draws the estimate down by up "
            f"to {report.clipped_share:.1%}."
        )
    return tuple(found)
