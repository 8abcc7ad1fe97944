"""Look through every trace of a window for an item that was dropped, for any reason.

Of a decision at most 32 dropped items are indexed, those that a rule, an override or a
constraint kept out. Who asks after the others waits a little longer: the traces are
opened one by one, in a worker.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
import numpy as np

from audit.core.record import Trace
from audit.queries import DecisionFilter, Exported, read_all
from catalog.models import Item, Run
from catalog.operations.runs import LeasedHandle, Outcome, start_run

KIND = "drop-search"
MOST_TOLD = 500
LONGEST = timedelta(days=31)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of a Run."""

    item_id: str
    item_number: int
    since: datetime
    until: datetime


def start_drop_search(
    item: Item, *, since: datetime, until: datetime, at: datetime, requested_by: str
) -> Run:
    """Queue a search, inside the org's scope; of at most the newest 31 days."""
    asked = Asked(
        item_id=item.item_id,
        item_number=item.pk,
        since=max(since, until - LONGEST),
        until=min(until, at),
    )
    return start_run(
        item.namespace,
        kind=KIND,
        at=at,
        parameters=msgspec.to_builtins(asked),
        queue="bulk",
        requested_by=requested_by,
    )


def execute_drop_search(handle: LeasedHandle) -> Outcome:
    """Do a Run of kind "drop-search"."""
    asked = msgspec.convert(handle.parameters, Asked)
    window = DecisionFilter(since=asked.since, until=asked.until)
    reasons: Counter[str] = Counter()
    found: list[dict[str, str]] = []
    looked_at = without_trace = 0
    for read in read_all(handle.namespace, window):
        handle.check_cancelled()
        looked_at += len(read)
        without_trace += sum(each.trace is None for each in read)
        for each, reason in _dropped(read, number=asked.item_number):
            reasons[reason] += 1
            found.append({"id": str(each.decision.decision_id), "reason": reason})
        del found[:-MOST_TOLD]
        at = read[-1].decision.answered_at
        handle.progress((at - asked.since) / (asked.until - asked.since), f"{at:%c}")
    return Outcome(
        result={
            "item_id": asked.item_id,
            "looked_at": looked_at,
            "without_trace": without_trace,
            "dropped_in": reasons.total(),
            "reasons": dict(reasons.most_common()),
            "newest": found[::-1],
        }
    )


def _dropped(read: list[Exported], *, number: int) -> Iterator[tuple[Exported, str]]:
    for each in read:
        if each.trace and (reason := reason_for(each.trace, number=number)):
            yield each, reason


def reason_for(trace: Trace, *, number: int) -> str:
    """Return the code for which an item was dropped, "" when it was not."""
    table = trace.drops.columns
    if not table:
        return ""
    (places,) = np.nonzero(table["number"] == number)
    return trace.drops.reasons[int(table["reason"][places[0]])] if len(places) else ""
