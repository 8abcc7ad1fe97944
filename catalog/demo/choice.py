"""Which item a visit is paid to: popularity proposes, taste decides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .columns import DAY_US, Codes, Floats, Items, Longs, People
from .people import pick
from .segments import SEGMENTS, category_mixes
from .shelves import CATEGORIES

# A visit looks at this many items of its category and takes the one it likes best.
GLANCES = 7
# ... and, after the session's first visit, at this many that lie beside the first.
NEIGHBOURS = 2
LIKES_SHELF, LIKES_BRAND, LIKES_STYLE, LIKES_NEIGHBOUR = 1.6, 1.3, 1.3, 0.8
LIKES_SEASON = 0.7
WHIM = 0.45
KEEPS_TO_MISSION = 0.9
MISSION_IS_FAVOURITE = 0.55
PURCHASE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Visits in order, those of a session beside each other. Shape (n,) each."""

    session: Longs
    user: Longs
    ts_us: Longs
    depth: Codes
    """The furthest step of the funnel: 0 looked, 3 bought."""


class Shop:
    """Items laid out in a line: by category, then shelf, then hidden style.

    Neighbours on the line are alike, so what is looked at together is, too.
    """

    def __init__(self, items: Items, people: People) -> None:
        self._items, self._people = items, people
        # Rows break ties among equals, and rows carry no meaning.
        self._line = np.lexsort((items.style, items.shelf, items.category))
        self._category = items.category[self._line]
        self._weights = np.cumsum(items.weight[self._line])
        codes = np.arange(len(CATEGORIES))
        self._from = np.searchsorted(self._category, codes, side="left")
        self._to = np.searchsorted(self._category, codes, side="right")
        self._peaks = _peak_days(items)
        self._staples = np.full((len(people), len(CATEGORIES)), -1, dtype=np.int32)

    def choose(self, rng: np.random.Generator, visits: Visits) -> Longs:
        """Return the item of each visit, shape (n,), and remember what was bought."""
        first = np.diff(visits.session, prepend=-1) > 0
        category = self._categories(rng, visits, first=first)
        places = self._glances(rng, category)
        anchors = self._best(rng, visits, category=category, places=places)
        anchor = anchors[first][np.cumsum(first) - 1]
        steps = rng.geometric(0.4, size=(len(first), NEIGHBOURS))
        signs = rng.choice([-1, 1], size=steps.shape)
        # Falling off the line's end is no harm: the category still decides.
        beside = np.clip(anchor[:, None] + steps * signs, 0, len(self._line) - 1)
        # A session's first visit has no neighbours to look at: it is the anchor.
        beside[first] = places[first, :NEIGHBOURS]
        place = np.where(
            first,
            anchors,
            self._best(
                rng,
                visits,
                category=category,
                places=np.concatenate([places, beside], axis=1),
            ),
        )
        return self._rebuy(rng, visits, category=category, item=self._line[place])

    def _categories(
        self, rng: np.random.Generator, visits: Visits, *, first: np.ndarray
    ) -> Longs:
        """Give each session a mission, to which most of its visits keep."""
        people, count = self._people, len(visits.user)
        segment = people.segment[visits.user]
        stocked = np.where(self._to > self._from, category_mixes(), 0.0)
        # A tiny shop may lack all that a segment wants: then it takes what there is.
        lacking = stocked.sum(axis=1) == 0
        stocked[lacking] = (self._to > self._from).astype(float)
        mixes = (stocked / stocked.sum(axis=1, keepdims=True))[segment]
        browsed = pick(mixes, rng.random(count))
        loved = people.favourite_category[visits.user]
        loved = np.where((self._to > self._from)[loved], loved, browsed)
        mission = np.where(rng.random(count) < MISSION_IS_FAVOURITE, loved, browsed)
        mission = mission[first][np.cumsum(first) - 1]
        diversity = np.array([each.diversity for each in SEGMENTS])[segment]
        strays = rng.random(count) >= KEEPS_TO_MISSION - 0.25 * diversity
        return np.where(strays, pick(mixes, rng.random(count)), mission)

    def _glances(self, rng: np.random.Generator, category: Longs) -> Longs:
        before = np.concatenate([[0.0], self._weights])
        low, high = before[self._from[category]], before[self._to[category]]
        draws = (
            low[:, None] + rng.random((len(category), GLANCES)) * (high - low)[:, None]
        )
        places = np.searchsorted(self._weights, draws, side="right")
        # Rounding may carry a draw across the border of its category.
        first, last = self._from[category], self._to[category] - 1
        return np.asarray(np.clip(places, first[:, None], last[:, None]))

    def _best(
        self,
        rng: np.random.Generator,
        visits: Visits,
        *,
        category: Longs,
        places: Longs,
    ) -> Longs:
        liking = self._liking(visits, category=category, places=places)
        # Who goes on to buy has looked for what fits.
        liking *= np.where(visits.depth >= 2, 1.5, 1.0)[:, None]
        liking += rng.gumbel(0.0, WHIM, size=places.shape)
        rows = self._line[places]
        when = visits.ts_us[:, None]
        on_sale = (self._items.created_us[rows] <= when) & (
            when < self._items.gone_us[rows]
        )
        elsewhere = self._category[places] != category[:, None]
        liking -= np.where(on_sale, 0.0, 100.0) + np.where(elsewhere, 50.0, 0.0)
        best = np.argmax(liking, axis=1)
        return np.asarray(places[np.arange(len(places)), best])

    def _liking(self, visits: Visits, *, category: Longs, places: Longs) -> Floats:
        items, people = self._items, self._people
        rows, user = self._line[places], visits.user
        shelf = people.favourite_shelf[user, category][:, None]
        brand = people.favourite_brand[user, category][:, None]
        day = (visits.ts_us // DAY_US % 365)[:, None]
        season = np.cos((day - self._peaks[rows]) * (2 * np.pi / 365))
        return np.asarray(
            LIKES_SHELF * (items.shelf[rows] == shelf)
            + LIKES_BRAND * (items.brand[rows] == brand)
            + LIKES_STYLE * (items.style[rows] == people.style[user][:, None])
            + LIKES_NEIGHBOUR * (np.arange(places.shape[1]) >= GLANCES)
            + LIKES_SEASON * np.nan_to_num(season)
        )

    def _rebuy(
        self,
        rng: np.random.Generator,
        visits: Visits,
        *,
        category: Longs,
        item: Longs,
    ) -> Longs:
        staple = self._staples[visits.user, category]
        rebuys = np.array([each.rebuys for each in CATEGORIES])[category]
        again = (rng.random(len(item)) < rebuys) & (visits.depth == PURCHASE)
        again &= (staple >= 0) & (visits.ts_us < self._items.gone_us[staple])
        chosen = np.where(again, staple, item)
        # The first thing bought in a category becomes what one buys again.
        new = (visits.depth == PURCHASE) & (staple < 0)
        self._staples[visits.user[new], category[new]] = chosen[new]
        return chosen


def _peak_days(items: Items) -> Floats:
    """Return each item's best day of the year; NaN when it has none."""
    peaks = np.array(
        [
            [
                np.nan if shelf.peak_day is None else shelf.peak_day
                for shelf in one.shelves
            ]
            for one in CATEGORIES
        ]
    )
    return np.asarray(peaks[items.category, items.shelf])
