"""The world as it was at a cut: signals built from what was known by then, only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from catalog.queries.export import SCHEMA
from ranking.core.world import World
from ranking.signals.assembly import Origin, assemble
from ranking.signals.build import Built, build_columns
from ranking.signals.columns import ColumnFile
from ranking.signals.expressions import Window
from ranking.signals.parameters import SignalParameters, fingerprint
from ranking.signals.scores import places, sparse
from ranking.signals.sources import Plan, Sources
from ranking.training.ease import Solved
from ranking.training.matrix import Interactions
from simulations.core.splits import Events, Fold

from .material import Material


@dataclass(frozen=True, kw_only=True)
class AsOf:
    """What serving would have read at a cut."""

    world: World
    cut_us: int
    parameters: SignalParameters
    seconds: Mapping[str, float]
    solved: tuple[Interactions, Solved] | None = None
    """The whole item-to-item model with its matrix, unless an earlier file served."""


@dataclass(frozen=True, kw_only=True)
class Computed:
    """The signals of a cut, not put together yet."""

    built: Built
    cut_us: int
    last_event_id: int
    parameters: SignalParameters


def build_as_of(
    material: Material,
    fold: Fold,
    *,
    directory: Path,
    parameters: SignalParameters | None = None,
) -> AsOf:
    """Build the world of a fold, in a directory of its own."""
    return put_together(
        compute_as_of(material, fold, directory=directory, parameters=parameters)
    )


def compute_as_of(
    material: Material,
    fold: Fold,
    *,
    directory: Path,
    parameters: SignalParameters | None = None,
    known: Mapping[str, ColumnFile] | None = None,
    keep_solved: bool = True,
) -> Computed:
    """Compute the signals of a fold by the expressions that serving's builds use.

    They read a file that holds the events before the cut and no other, so that nothing
    later can leak into a signal, whatever an expression does. Items that nobody had
    seen and that were not yet created are left out; the others are all taken for
    available, as the stock of today says nothing of then.

    Parameters
    ----------
    material : Material
    fold : Fold
    directory : Path
        For events and column files; builds of the same fold may share it, one after
        another.
    parameters : SignalParameters, optional
        In place of those of the configuration.
    known : mapping, optional
        Column files of earlier builds in the same directory, by their inputs. Factors
        never start from others, so that results do not depend on what came before.
    keep_solved : bool
        Whether a baseline is to share the solved item-to-item model: it is large.
    """
    parameters = parameters or material.parameters
    before = material.events.take(fold.before)
    sources = _sources(material, before, cut_us=fold.cut_us, directory=directory)
    built = build_columns(
        Plan(
            sources=sources,
            parameters=parameters,
            threads=os.cpu_count() or 1,
            # Folds are asked, or baselines trained, meanwhile.
            training_threads=1,
            known=known or {},
            keep_solved=keep_solved,
        ),
        directory=directory,
        progress=lambda _done, _doing: None,
    )
    return Computed(
        built=built,
        cut_us=fold.cut_us,
        last_event_id=sources.window.last_event_id,
        parameters=parameters,
    )


def put_together(computed: Computed) -> AsOf:
    """Return the world that serving would have read at the cut of some signals."""
    built = computed.built
    origin = Origin(
        as_of_us=computed.cut_us,
        change_number=0,
        last_event_id=computed.last_event_id,
        about={"columns": {name: each.hash for name, each in built.columns.items()}},
    )
    snapshot = assemble(built.tables, origin=origin, parameters=computed.parameters)
    return AsOf(
        world=World.of(snapshot),
        cut_us=computed.cut_us,
        parameters=computed.parameters,
        seconds=built.seconds,
        solved=built.solved,
    )


def numbers_at(material: Material, fold: Fold) -> NDArray[np.int64]:
    """Return the numbers of the items of a fold's world, before it is built."""
    before = material.events.take(fold.before)
    items = _existing(material.sources.items, before, cut_us=fold.cut_us)
    return np.unique(items["item_number"].to_numpy())


def everything_counts_as_bought(world: World, before: Events) -> World:
    """Return the world in which users had all that they ever had to do with.

    So a request that leaves out what was bought leaves out all of it, as the task of
    finding something new asks for.
    """
    snapshot = world.snapshot
    users, numbers = snapshot.users, snapshot.numbers
    pairs = np.unique(np.stack([before.users, before.items]), axis=1)
    lists = places(users, pairs[0])
    rows = places(numbers, pairs[1])
    day = np.full(len(rows), snapshot.as_of_us // 86_400_000_000, dtype=np.float32)
    bought = sparse(lists, rows, day, n_lists=len(users))
    return World.of(replace(snapshot, bought=bought))


def _sources(
    material: Material, before: Events, *, cut_us: int, directory: Path
) -> Sources:
    last_id = int(before.ids.max(initial=0))
    digest = fingerprint([cut_us, len(before), last_id, int(before.ids.sum())])
    path = directory / f"events-{digest[:16]}.parquet"
    directory.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        columns = (
            before.ids,
            before.users,
            before.items,
            before.types,
            before.values,
            before.ts_us,
        )
        table = pa.table(dict(zip(SCHEMA.names, columns, strict=True)), schema=SCHEMA)
        draft = path.with_suffix(".new")
        pq.write_table(table, draft)
        draft.replace(path)
    return replace(
        material.sources,
        items=_existing(material.sources.items, before, cut_us=cut_us),
        event_files=[str(path)],
        event_rows=len(before),
        last_ts_us=int(before.ts_us.max(initial=0)),
        window=Window(as_of_us=cut_us, last_event_id=last_id),
    )


def _existing(items: pa.Table, before: Events, *, cut_us: int) -> pa.Table:
    seen = np.unique(before.items)
    known = np.isin(items["item_number"].to_numpy(), seen)
    created = pc.less_equal(items["created_us"], cut_us).to_numpy()
    kept = items.filter(pa.array(known | created))
    n = kept.num_rows
    everything = {
        "available": pa.array(np.ones(n, dtype=np.bool_)),
        "stock": pa.nulls(n, pa.int32()),
    }
    for name, column in everything.items():
        kept = kept.set_column(kept.column_names.index(name), name, column)
    return kept
