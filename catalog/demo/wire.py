"""The demo shop in the words of the API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from catalog.core.wire import ItemIn, UserIn

from .columns import Items, Longs, People
from .items import rounded, shelf_of
from .pictures import path_of, tone_of
from .segments import SEGMENTS
from .shelves import CATEGORIES, Kind, Shelf

HIGH_MARGIN, NEW_ARRIVAL = 0.45, 0.8


def ids(prefix: str, count: int) -> list[str]:
    """Return ids such as item_0001, of equal length so that they sort by number.

    Examples
    --------
    >>> ids("item", 2)
    ['item_0001', 'item_0002']
    """
    width = max(4, len(str(count)))
    return [f"{prefix}_{number:0{width}d}" for number in range(1, count + 1)]


def items_in(items: Items, *, names: Sequence[str], rows: range) -> list[ItemIn]:
    """Return some of the items as a shop would send them."""
    shares = items.weight / items.weight.sum()
    return [
        _item(items, row, name=names[row], popularity=float(shares[row]))
        for row in rows
    ]


def users_in(people: People, *, names: Sequence[str], rows: range) -> list[UserIn]:
    """Return some of the users, each with its segment."""
    return [
        UserIn(
            user_id=names[row],
            traits={
                "segment": SEGMENTS[people.segment[row]].name,
                "description": SEGMENTS[people.segment[row]].description,
                "join_date": _date(int(people.joined_us[row])),
                "activity_level": round(float(people.activity[row]), 2),
            },
        )
        for row in rows
    ]


def metas(sessions: Longs, types: np.ndarray) -> list[str]:
    """Return the events' meta as JSON: the session, and where it happened."""
    surfaces = ("home", "pdp", "pdp", "cart")
    return [
        f'{{"session_id":"s{session}","surface":"{surfaces[kind]}"}}'
        for session, kind in zip(sessions.tolist(), types.tolist(), strict=True)
    ]


def _item(items: Items, row: int, *, name: str, popularity: float) -> ItemIn:
    category = CATEGORIES[items.category[row]]
    shelf = shelf_of(int(items.category[row]), int(items.shelf[row]))
    kind, material, finish = _words(shelf, title=int(items.title[row]))
    brand = category.brands[items.brand[row]]
    margin, novelty = float(items.margin[row]), float(items.novelty[row])
    stock = int(items.stock[row])
    praise = category.praise[row % len(category.praise)]
    tags = [*category.tags, brand.lower()]
    tags += ["high_margin"] if margin > HIGH_MARGIN else []
    tags += ["new_arrival"] if novelty > NEW_ARRIVAL else []
    tags += ["backorder"] if stock == 0 else []
    return ItemIn(
        item_id=name,
        title=f"{material} {kind.noun}, {finish}",
        description=f"{material} {kind.noun.lower()} by {brand}. {praise}",
        brand=brand,
        category=category.name,
        category_path=[category.name, shelf.name],
        tags=tags,
        price=rounded(float(items.price[row])),
        available=stock > 0,
        stock=stock,
        image_url=path_of(kind.picture, category=category.name, tone=tone_of(finish)),
        props={
            "margin": margin,
            "novelty": novelty,
            "popularity_hint": round(popularity, 8),
            "popularity_rank_norm": round(float(items.weight[row]), 6),
        },
    )


def _words(shelf: Shelf, *, title: int) -> tuple[Kind, str, str]:
    """Take a title's number apart; beyond the last title styles are numbered."""
    turn, rest = divmod(title, shelf.titles)
    rest, kind = divmod(rest, len(shelf.kinds))
    finish_number, material = divmod(rest, len(shelf.materials))
    finish = shelf.finishes[finish_number]
    style = f", Style {turn + 1}" if turn else ""
    return shelf.kinds[kind], shelf.materials[material], finish + style


def _date(since_us: int) -> str:
    return datetime.fromtimestamp(since_us / 1e6, UTC).date().isoformat()
