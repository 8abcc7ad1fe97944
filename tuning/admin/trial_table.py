"""The table of a sweep's trials: the best first or by number, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from catalog.admin.page import Chip
from ranking.admin.knob_form import told
from tuning.core.goals import gains_of
from tuning.core.spec import SweepSpec
from tuning.models import TrialState
from tuning.queries.sweeps import with_intervals

PAGE_SIZE = 50
ORDERS = {"best": "Best first", "number": "By number"}
STATE_CHIPS = {
    TrialState.WAITING: Chip(words="Waiting", icon="clock"),
    TrialState.LEASED: Chip(words="At work", icon="play", kind="accent"),
    TrialState.DONE: Chip(words="Done", icon="check"),
    TrialState.PRUNED: Chip(words="Ended early", icon="close"),
    TrialState.FAILED: Chip(words="Failed", icon="warning", kind="bad"),
}


@dataclass(frozen=True, kw_only=True)
class TrialTable:
    """One page of the trials, and the ways to the others."""

    rows: Sequence[Mapping[str, Any]]
    order: str
    page: int
    pages: int
    count: int

    @property
    def orders(self) -> Mapping[str, str]:
        return ORDERS

    @property
    def before(self) -> int:
        """Return the page before; 0 when there is none."""
        return self.page - 1

    @property
    def after(self) -> int:
        """Return the page after; 0 when there is none."""
        return self.page + 1 if self.page < self.pages else 0


def table_of(
    rows: Sequence[Mapping[str, Any]], spec: SweepSpec, request: HttpRequest
) -> TrialTable:
    """Return what the address asks for, of all the trials."""
    order = request.GET.get("order", "")
    order = order if order in ORDERS else "best"
    asked = request.GET.get("page", "")
    pages = max(1, -(-len(rows) // PAGE_SIZE))
    page = min(max(int(asked) if asked.isdigit() else 1, 1), pages)
    if order == "best":
        rows = sorted(rows, key=lambda row: _place(row, spec))
    start = (page - 1) * PAGE_SIZE
    shown = [
        {
            **row,
            "chip": STATE_CHIPS[TrialState(row["trial"].state)],
            "values": [said(value) for _, value in row["values"]],
        }
        for row in with_intervals(rows[start : start + PAGE_SIZE], spec)
    ]
    return TrialTable(rows=shown, order=order, page=page, pages=pages, count=len(rows))


def said(value: Any) -> str:
    """Return a knob's value as people read it; a dash where it is not set."""
    return "–" if value is None else told(value)


def _place(
    row: Mapping[str, Any], spec: SweepSpec
) -> tuple[bool, bool, bool, float, int]:
    """Return what is sorted by: the best, the front, who keeps guardrails, the rest."""
    trial = row["trial"]
    gains = gains_of(spec.objectives, trial.metrics)
    is_done = trial.state == TrialState.DONE and gains is not None
    return (
        not row["is_best"],
        not row["is_on_front"],
        not is_done or row["is_broken"],
        -gains[0] if is_done and gains is not None else float("inf"),
        trial.number,
    )
