"""MovieLens: the folders `ml-latest*`, `ml-20m`, `ml-25m` (.csv) and `ml-1m` (.dat).

A rating is a purchase (type 3) from 4 stars on and a view (type 0) below, of value 1;
the stars stand in `meta`. Titles lose their year, which becomes `props.year`, and get
their article back ("Matrix, The" is "The Matrix"); the first genre is the category and
all of them are tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from catalog.core.event_types import PURCHASE, VIEW
from catalog.core.wire import ItemIn, UserIn
from catalog.operations.event_tables import EventTable
from catalog.operations.runs import RunFailedError

from . import values
from .batches import Batch, Plan, Step
from .files import FEW_ROWS, Table, blocks
from .json_texts import json_object
from .request import ImportRequest
from .tally import Sieve, Tally

LIKED_FROM = 4.0
_YEAR = re.compile(r"\s*\((\d{4})(?:[-–]\d{0,4})?\)\s*$")
_ARTICLE = re.compile(r"^(.+), (The|A|An|Les|La|Le|L'|Das|Der|Die|El|Il)$")
_NO_GENRE = "(no genres listed)"
_FIELDS = {
    "movies": ("movieId", "title", "genres"),
    "ratings": ("userId", "movieId", "rating", "timestamp"),
    "users": ("userId", "gender", "age", "occupation", "zip"),
}


def make_plan(request: ImportRequest) -> Plan:
    """Store the movies, then the users if the set tells of them, then the ratings."""
    folder = request.path if request.path.is_dir() else request.path.parent
    steps: list[Step] = [
        Movies(_table(folder, "movies")),
        Ratings(_table(folder, "ratings")),
    ]
    if (folder / "users.dat").exists():
        steps.insert(1, Users(_table(folder, "users")))
    return Plan(steps=steps)


def _table(folder: Path, name: str) -> Table:
    for ending in (".csv", ".csv.gz"):
        if (folder / (name + ending)).exists():
            return Table(path=folder / (name + ending))
    path = folder / f"{name}.dat"
    if not path.exists():
        raise RunFailedError(
            f"{folder} has neither {name}.csv nor {name}.dat. Give the folder that the "
            f"MovieLens archive unpacks to."
        )
    # Fields end with "::"; between the colons stands an empty field.
    names = [part for name in _FIELDS[name] for part in (name, f"after {name}")]
    return Table(
        path=path,
        encoding="latin-1",
        delimiter=":",
        names=tuple(names[:-1]),
        quoted=False,
    )


@dataclass(frozen=True)
class Movies:
    table: Table
    name: str = "movies"
    weight: float = 0.1

    def batches(self, tally: Tally, *, skip: int) -> Iterator[Batch]:
        for block in blocks(self.table, skip=skip, size=FEW_ROWS):
            sieve = Sieve(tally, table=block.table, first_row=block.first_row)
            missing = values.bad_ids(values.ids(block.table["movieId"]))
            sieve.reject("no_movie", "the movie has no id", missing)
            rows = sieve.passed().select(_FIELDS["movies"]).to_pylist()
            yield Batch(
                rows=block.last_row,
                read=block.read,
                items=[_movie(**row) for row in rows],
            )


@dataclass(frozen=True)
class Users:
    table: Table
    name: str = "users"
    weight: float = 0.1

    def batches(self, tally: Tally, *, skip: int) -> Iterator[Batch]:
        for block in blocks(self.table, skip=skip, size=FEW_ROWS):
            sieve = Sieve(tally, table=block.table, first_row=block.first_row)
            rows = sieve.passed().select(_FIELDS["users"]).to_pylist()
            yield Batch(
                rows=block.last_row,
                read=block.read,
                users=[UserIn(user_id=row.pop("userId"), traits=row) for row in rows],
            )


@dataclass(frozen=True)
class Ratings:
    table: Table
    name: str = "ratings"
    weight: float = 1.0

    def batches(self, tally: Tally, *, skip: int) -> Iterator[Batch]:
        for block in blocks(self.table, skip=skip):
            events = _events(block.table, first_row=block.first_row, tally=tally)
            yield Batch(
                rows=block.last_row,
                read=block.read,
                events=events,
            )


def _events(table: pa.Table, *, first_row: int, tally: Tally) -> EventTable:
    stars, no_stars = values.numbers(table["rating"])
    ts_us, no_time = values.moments(table["timestamp"], time_zone=None)
    sieve = Sieve(tally, table=table, first_row=first_row)
    users, movies = values.ids(table["userId"]), values.ids(table["movieId"])
    nobody = values.bad_ids(users) | values.bad_ids(movies)
    sieve.reject("no_one", "the user or the movie has no id", nobody)
    sieve.reject("unreadable", "no stars", no_stars | np.isnan(stars))
    sieve.reject("no_time", "the time cannot be read", no_time)
    sieve.passed()
    kept = sieve.kept
    return EventTable(
        users=users.where(kept),
        items=movies.where(kept),
        types=np.where(stars[kept] >= LIKED_FROM, PURCHASE, VIEW),
        ts_us=ts_us[kept],
        metas=json_object([("rating", values.written(stars[kept]))]),
    )


def _movie(*, movieId: str, title: str | None, genres: str | None) -> ItemIn:  # noqa: N803
    written = title or ""
    year = _YEAR.search(written)
    name = _YEAR.sub("", written)
    kinds = [kind for kind in (genres or "").split("|") if kind and kind != _NO_GENRE]
    return ItemIn(
        item_id=movieId,
        title=_ARTICLE.sub(r"\2 \1", name),
        category=kinds[0] if kinds else None,
        category_path=kinds[:1] or None,
        tags=[kind.lower() for kind in kinds],
        props={"year": int(year.group(1))} if year else None,
    )
