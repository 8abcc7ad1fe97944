"""What was measured of a rule, as values: counts, shares, and a comparison in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from audit.core.proportions import LEAST_HITS, LEAST_TRIALS, Change, Share, change
from audit.queries.feedback import Counts


class Against(StrEnum):
    """What a click rate is compared with."""

    CONTROL = "control"
    BEFORE = "before"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The click rate of answers with a rule, and of answers to compare with."""

    against: Against
    after: Counts
    before: Counts
    scope: str
    """Which answers are compared, in words."""

    @property
    def change(self) -> Change | None:
        return change(self._pair(self.after), self._pair(self.before))

    @property
    def is_of_impressions(self) -> bool:
        return self.after.is_of_impressions and self.before.is_of_impressions

    @property
    def words(self) -> str:
        """Say what the change is worth, or why there is none."""
        if self.change is None:
            return f"not enough data: {self._lack}"
        if self.against is Against.CONTROL:
            return f"measured on {self.scope}"
        return f"correlation only, on {self.scope}"

    @property
    def _lack(self) -> str:
        hits = min(self.after.clicks, self.before.clicks)
        trials = min(self._pair(self.after)[1], self._pair(self.before)[1])
        if trials < LEAST_TRIALS:
            return f"{trials:,} items shown on one side, {LEAST_TRIALS} are needed"
        return f"{hits} clicks on one side, {LEAST_HITS} are needed"

    def _pair(self, counts: Counts) -> tuple[int, int]:
        shown = counts.impressions if self.is_of_impressions else counts.served
        return min(counts.clicks, shown), shown


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What one rule did since it says what it says."""

    since: datetime | None
    """None while it was never published."""
    is_hiding: bool
    hits_7d: int
    """Answers of seven days in which it met an item."""
    last_hour: datetime | None
    """Of thirty days, the last hour in which it met anything."""
    matches: int
    traced: int
    """Answers of which the trace was kept; what follows is of these."""
    exposures: int
    """Items shown that it touched."""
    clicks: int
    conversions: int
    moved: int
    without_effect: int
    comparison: Comparison | None

    @property
    def moves_per_1000(self) -> float | None:
        """Positions changed in a thousand answers; None where nobody can tell."""
        if self.is_hiding or not self.traced:
            return None
        return 1000 * self.moved / self.traced

    @property
    def zero_share(self) -> float | None:
        """Share of answers in which it was to show items and showed none."""
        if self.is_hiding or not self.traced:
            return None
        return self.without_effect / self.traced

    @property
    def ctr(self) -> Share | None:
        """Click rate of the items that it touched."""
        return Counts(served=self.exposures, clicks=self.clicks).ctr

    @property
    def conversion(self) -> Share | None:
        """Share of the items that it touched that were bought."""
        return Counts(served=self.exposures, purchases=self.conversions).conversion
