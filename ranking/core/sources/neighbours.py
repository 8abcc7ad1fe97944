"""Items that go with those the user knows: what others chose along with them."""

from __future__ import annotations

import numpy as np

from ..columns import F64, NO_ROWS, WIDEST, Rows, Sparse
from .draw import Case, Evidence


def co_visited(case: Case) -> Evidence:
    """Return the neighbours of the latest items: the strongest tie counts."""
    recent = case.shopper.anchors.within(case.knobs.covis_window_days)
    anchors = recent.rows[: case.knobs.covis_anchors]
    rows, scores, _ = _lists(case.world.snapshot.covisitation, anchors)
    return _gathered(rows, scores, combine=np.maximum, n=len(case.world))


def followed(case: Case) -> Evidence:
    """Return what is usually looked at next; a later event counts for more.

    The item of the p-th latest event has the weight ``1 / p``; ties add up.
    """
    latest = case.shopper.recent.rows[: case.knobs.session_lookback]
    rows, scores, owner = _lists(case.world.snapshot.session, latest)
    return _gathered(rows, scores / (1.0 + owner), combine=np.add, n=len(case.world))


def modelled(case: Case, own: Evidence) -> Evidence:
    """Return the sum of EASE weights over the user's own items.

    Each counts by its decayed interest, at most 1; of more items than anchors the
    strongest do. Items that stand in for a user's own count as they are given.

    Parameters
    ----------
    case : Case
    own : Evidence
        From :func:`own_items`.
    """
    rows, strengths = _anchors(case, own)
    others, scores, owner = _lists(case.world.snapshot.ease, rows)
    scores *= strengths.take(owner)
    return _gathered(others, scores, combine=np.add, n=len(case.world))


def _anchors(case: Case, own: Evidence) -> tuple[Rows, F64]:
    most = case.knobs.ease_anchors
    if not len(own.rows):
        stand_ins = case.shopper.anchors
        return stand_ins.rows[:most], stand_ins.strengths[:most]
    rows, strengths = own.rows, np.minimum(own.scores, 1.0)
    if len(rows) > most:
        id_rank = case.world.select(rows).id_rank
        best = np.sort(np.lexsort((id_rank, -own.scores))[:most])
        rows, strengths = rows.take(best), strengths.take(best)
    return rows, strengths


def own_items(case: Case, *, user_row: int) -> Evidence:
    """Return the user's own earlier items, by decayed interest.

    What the snapshot remembers and what the history shows count; of both the
    greater, as the snapshot may hold the same events.
    """
    recent = case.shopper.recent
    old_rows, old_scores = case.world.snapshot.repeat.of(user_row)
    half_life = case.knobs.repeat_half_life_days
    scores = recent.strengths * 0.5 ** (recent.ages_days / half_life)
    return _gathered(
        np.concatenate((old_rows, recent.rows)),
        np.concatenate((old_scores, scores)),
        combine=np.maximum,
        n=len(case.world),
    )


def known_already(case: Case, own: Evidence, *, user_row: int) -> Evidence:
    """Return the own items that may be shown again.

    In the mode ``exclude_bought`` items ever bought are left out.
    """
    if case.knobs.repeat_mode == "all":
        return own
    trail = case.shopper.trail
    bought = trail.rows[trail.is_of(case.knobs.exclude_event_types)]
    older, _ = case.world.snapshot.bought.of(user_row)
    kept = ~np.isin(own.rows, np.union1d(older, bought))
    return Evidence(own.rows[kept], own.scores[kept])


def _lists(sparse: Sparse, rows: Rows) -> tuple[Rows, F64, Rows]:
    """Return the members of some rows' lists, their values, and whose they are."""
    rows = rows[rows < len(sparse)]
    if not len(rows):
        return NO_ROWS, np.empty(0), NO_ROWS
    starts, ends = sparse.starts.take(rows), sparse.starts.take(rows + 1)
    # A handful of slices costs less than the positions of all their members.
    spans = list(map(slice, starts.tolist(), ends.tolist()))
    members = np.concatenate([sparse.rows[span] for span in spans], dtype=np.int64)
    values = np.concatenate([sparse.values[span] for span in spans], dtype=np.float64)
    return members, values, np.arange(len(rows)).repeat(ends - starts)


def _gathered(rows: Rows, scores: F64, *, combine: np.ufunc, n: int) -> Evidence:
    """Combine the scores of each row, in the order in which they come.

    All scores are above 0, as those of a snapshot's lists are.
    """
    if not len(rows):
        return Evidence.none()
    if n <= WIDEST * len(rows):
        if combine is np.add:
            column = np.bincount(rows, scores)
        else:
            column = np.zeros(n)
            combine.at(column, rows, scores)
        found = column.nonzero()[0]
        return Evidence(found, column.take(found))
    order = rows.argsort(kind="stable")
    rows, scores = rows.take(order), scores.take(order)
    starts = np.empty(len(rows), dtype=np.bool_)
    starts[0] = True
    np.not_equal(rows[1:], rows[:-1], out=starts[1:])
    first = starts.nonzero()[0]
    return Evidence(rows.take(first), combine.reduceat(scores, first))
