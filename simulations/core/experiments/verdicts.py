"""Ship, hold or stop: what an experiment lets conclude, and why."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from .balance import Balance
from .comparing import Compared

FEWEST = 100
"""Subjects in every variant before anything is concluded."""


class Verdict(StrEnum):
    """What to do."""

    SHIP = "ship"
    """A variant is better: publish it."""

    HOLD = "hold"
    """Not enough is known: let it run, or leave things as they are."""

    STOP = "stop"
    """It does harm, or its numbers cannot be trusted."""


class Verdicts(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict with its reasons."""

    verdict: Verdict
    winner: str | None
    """The variant to ship."""

    reasons: tuple[str, ...]
    """In sentences, the weightiest first."""


def judge(
    compared: Sequence[Compared],
    *,
    balance: Balance,
    smallest_effect: float,
    is_over: bool,
    waits: str = "It has not run to its planned end.",
    in_words: str = "the metric",
) -> Verdicts:
    """Judge an experiment.

    Parameters
    ----------
    compared : sequence of Compared
        Every variant beside the control; none when too few took part.
    balance : Balance
    smallest_effect : float
        Relative change that would matter.
    is_over : bool
        Whether it ran to its planned end. Before, no variant is shipped: who looks
        every day and stops at the first good one finds effects that are none.
    waits : str
        Why it is not over, in a sentence.
    in_words : str
        The metric, for the reasons.
    """
    if not balance.is_kept:
        return _stop(
            f"Variants did not get the subjects that they should have got: "
            f"{_counts(balance)} (chance of that: {balance.chance:.1g}). Find out who "
            "is missing before reading anything else."
        )
    if not compared or min(balance.counts) < FEWEST:
        return _hold(
            f"Every variant needs at least {FEWEST} subjects; the smallest has "
            f"{min(balance.counts, default=0):,}."
        )
    harmful = [each for each in compared if each.is_real and each.high < 0]
    better = [each for each in compared if each.is_real and each.low > 0]
    if better and is_over:
        best = max(better, key=lambda each: each.difference)
        others = [_sentence(each, in_words) for each in compared if each is not best]
        return Verdicts(
            verdict=Verdict.SHIP,
            winner=best.name,
            reasons=(_sentence(best, in_words), *others),
        )
    told = [_sentence(each, in_words) for each in compared]
    if len(harmful) == len(compared):
        return _stop(*told)
    if not is_over:
        return _hold(waits, *told)
    return _hold(*told, *_unseen(compared, smallest_effect))


def _sentence(each: Compared, in_words: str) -> str:
    relative = each.relative
    size = (
        f"{each.difference:+.4f} ({each.low:+.4f} to {each.high:+.4f})"
        if relative is None
        else f"{relative[0]:+.1%} ({relative[1]:+.1%} to {relative[2]:+.1%})"
    )
    if not each.is_real:
        return f"{each.name} shows no difference in {in_words}: {size}."
    change = "raises" if each.difference > 0 else "lowers"
    return f"{each.name} {change} {in_words}: {size}."


def _unseen(compared: Sequence[Compared], smallest: float) -> list[str]:
    found = []
    for each in compared:
        relative = each.relative
        if each.is_real or relative is None:
            continue
        if relative[2] < smallest and relative[1] > -smallest:
            found.append(
                f"An effect of {smallest:.1%} of {each.name} is ruled out: there is "
                "nothing to gain by going on."
            )
        else:
            found.append(
                f"An effect of {smallest:.1%} of {each.name} cannot be told from "
                "chance yet: more subjects are needed."
            )
    return found


def _counts(balance: Balance) -> str:
    pairs = zip(balance.counts, balance.expected, strict=True)
    return ", ".join(f"{seen:,} for {expected:,.0f}" for seen, expected in pairs)


def _hold(*reasons: str) -> Verdicts:
    return Verdicts(verdict=Verdict.HOLD, winner=None, reasons=reasons)


def _stop(*reasons: str) -> Verdicts:
    return Verdicts(verdict=Verdict.STOP, winner=None, reasons=reasons)
