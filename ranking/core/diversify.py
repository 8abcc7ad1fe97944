"""Choose a page of unlike items from scored ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct

from .caps import Cap
from .columns import F32, F64, I32, Rows

NEARLY = 0.25
"""Diversity alone takes likenesses nearer than this for equal: the better item goes
first. Else the third digit of a likeness decides, and relevance never does."""

type Likeness = Callable[[int], F32]
"""Position of a candidate → its similarity to every candidate, shape (n,)."""


class Diversity(Struct, frozen=True, kw_only=True):
    """How a page is to be chosen."""

    limit: int
    """Most picks."""

    tradeoff: float | None = None
    """1 is relevance alone, 0 diversity alone, None leaves the order as it is."""

    caps: tuple[Cap, ...] = ()
    is_strict: bool = False
    """Whether a page is rather left short than a cap exceeded."""

    pinned: Sequence[int] = ()
    """Candidates on the page already: they count for caps and similarity."""


class Page(Struct, frozen=True, kw_only=True):
    """The chosen candidates, in the order in which they were chosen."""

    picks: Rows
    """Shape (m,). Positions of candidates."""

    nearest: F64
    """Shape (m,). Similarity of each, when chosen, to the nearest chosen before."""

    relaxed: frozenset[int] = frozenset()
    """Picks that exceed a cap, because nothing else was left."""

    is_short: bool = False
    """Whether caps kept the page from being filled."""


def by_content(vectors: F32) -> Likeness:
    """Return cosine similarity; below 0 counts like 0.

    Parameters
    ----------
    vectors : array of shape (n, d)
        Quantised unit vectors, or zeros for items that are like nothing.
    """
    return lambda position: vectors @ vectors[position]


def by_tags(codes: I32, owner: Rows, *, n: int) -> Likeness:
    """Return the Jaccard index of tag sets: shared tags over all tags of both.

    Parameters
    ----------
    codes, owner : arrays of shape (p,)
        Tag codes and which candidate carries each, without repeats.
    n : int
        Number of candidates.

    Examples
    --------
    >>> owner = np.array([0, 0, 1, 1])
    >>> by_tags(np.array([7, 8, 8, 9]), owner, n=2)(0).round(3).tolist()
    [1.0, 0.3330000042915344]
    """
    words, columns = np.unique(codes, return_inverse=True)
    carries = np.zeros((n, max(len(words), 1)), dtype=np.float32)
    carries[owner, columns] = 1.0
    sizes = carries.sum(axis=1)

    def likeness(position: int) -> F32:
        shared = carries @ carries[position]
        either = np.maximum(sizes + sizes[position] - shared, np.float32(1))
        jaccard: F32 = shared / either
        return jaccard

    return likeness


def diversify(scores: F64, *, likeness: Likeness | None, wanted: Diversity) -> Page:
    """Pick candidates one by one, preferring high scores unlike those picked.

    This is maximal marginal relevance (Carbonell and Goldstein, 1998). The
    next pick has the highest ::

        tradeoff * score / max - (1 - tradeoff) * similarity to its nearest pick

    among those that no cap closes. With a tradeoff of 0 similarities are rounded to
    ``NEARLY``, so that of about equally new ones the best is picked. When caps close
    all that are left, the best of these is picked nevertheless, one at a time, unless
    they are strict.

    Parameters
    ----------
    scores : array of shape (n,)
        At least 0, descending: a tie goes to the earlier candidate.
    likeness : callable, or None
        Not asked when ``tradeoff`` is None or 1.
    wanted : Diversity

    Returns
    -------
    page : Page
        Fewer picks than the limit only if there are no more candidates, or if
        strict caps close all that are left.

    Notes
    -----
    O(limit * n) time and O(n) memory beside what ``likeness`` needs.

    Examples
    --------
    Candidate 1 repeats candidate 0, so candidate 2 goes before it:

    >>> vectors = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    >>> page = diversify(
    ...     np.array([0.9, 0.8, 0.5]),
    ...     likeness=by_content(vectors),
    ...     wanted=Diversity(limit=3, tradeoff=0.5),
    ... )
    >>> page.picks.tolist(), page.nearest.tolist()
    ([0, 2, 1], [0.0, 0.0, 1.0])
    """
    choice = _Choice(scores, likeness=likeness, wanted=wanted)
    picks: list[int] = []
    relaxed: set[int] = set()
    while len(picks) < wanted.limit:
        pick = choice.best_open()
        if pick is None:
            pick = None if wanted.is_strict else choice.best_capped()
            if pick is None:
                break
            relaxed.add(pick)
        picks.append(pick)
        choice.take(pick)
    return Page(
        picks=np.array(picks, dtype=np.int64),
        nearest=np.array(choice.nearest_at[len(wanted.pinned) :]),
        relaxed=frozenset(relaxed),
        is_short=bool(relaxed) or (len(picks) < wanted.limit and choice.has_capped),
    )


class _Choice:
    """What is still to be had while a page is chosen."""

    def __init__(
        self, scores: F64, *, likeness: Likeness | None, wanted: Diversity
    ) -> None:
        share = 1.0 if wanted.tradeoff is None else wanted.tradeoff
        largest = scores[0] if len(scores) and scores[0] > 0 else 1.0
        self._relevance: F64 = share * (scores / largest)
        self._distaste = 1.0 - share
        self._likeness = likeness if share < 1.0 else None
        # Relevance of what is still to be had, and -inf of what is taken or closed.
        self._open = self._relevance.copy()
        self._value = self._relevance.copy()
        self._nearest = np.zeros(len(scores), dtype=np.float32)
        self._taken: list[int] = []
        self._members = [_members(cap) for cap in wanted.caps]
        self._caps = wanted.caps
        self.nearest_at: list[float] = []
        for position in wanted.pinned:
            self.take(position)

    @property
    def has_capped(self) -> bool:
        """Whether caps close candidates that are not taken."""
        return int(np.count_nonzero(np.isneginf(self._open))) > len(self._taken)

    def best_open(self) -> int | None:
        """Return the best candidate that no cap closes, if there is one."""
        if not len(self._value):
            return None
        best = int(self._value.argmax())
        return None if self._value[best] == -np.inf else best

    def best_capped(self) -> int | None:
        """Return the best of those that are left, whatever the caps say."""
        value = np.empty_like(self._relevance)
        against(self._nearest, distaste=self._distaste, out=value)
        np.subtract(self._relevance, value, out=value)
        value[self._taken] = -np.inf
        best = int(value.argmax()) if len(value) else 0
        return best if len(self._taken) < len(value) else None

    def take(self, pick: int) -> None:
        """Put a candidate on the page."""
        self._taken.append(pick)
        self.nearest_at.append(float(self._nearest[pick]))
        self._open[pick] = -np.inf
        for cap, members in zip(self._caps, self._members, strict=True):
            for value in cap.values[pick]:
                present, places = members[value]
                members[value] = (present + 1, places)
                if present + 1 >= cap.limit:
                    self._open[places] = -np.inf
        if self._likeness is not None:
            nearest, worth = self._nearest, self._value
            np.maximum(nearest, self._likeness(pick), out=nearest)
            against(nearest, distaste=self._distaste, out=worth)
            np.subtract(self._open, worth, out=worth)
        else:
            self._value = self._open


def against(nearest: F32, *, distaste: float, out: F64) -> None:
    """Write how much likeness to what is picked counts against each candidate.

    >>> worth = np.empty(3)
    >>> against(np.array([0.1, 0.2, 0.6], dtype=np.float32), distaste=1.0, out=worth)
    >>> worth.tolist()
    [0.0, 0.25, 0.5]
    """
    np.multiply(nearest, distaste, out=out)
    if distaste == 1.0:
        np.floor(out / NEARLY + 0.5, out=out)
        np.multiply(out, NEARLY, out=out)


def _members(cap: Cap) -> dict[str, tuple[int, list[int]]]:
    """Return for each value how many are on the page (none), and who has it."""
    places: dict[str, list[int]] = {}
    for place, values in enumerate(cap.values):
        for value in values:
            places.setdefault(value, []).append(place)
    return {value: (0, found) for value, found in places.items()}
