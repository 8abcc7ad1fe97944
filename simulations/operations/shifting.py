"""Who gains and who loses positions, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from catalog.models import Item, Namespace
from ranking.core.snapshot import PATH_SEPARATOR
from ranking.core.world import World
from simulations.core.figures import (
    Facts,
    Shift,
    Shifts,
    by_group,
    shifts_of_groups,
    shifts_of_items,
)
from simulations.core.forecast import Shifted, Shifting
from simulations.core.pages import I64, Pair, exposure

_MOST = 12

type Namer = Callable[[int], str]


def shifting_items(
    namespace: Namespace, pairs: Sequence[Pair], world: World
) -> Shifting:
    shifts = shifts_of_items(
        exposure(pair.before for pair in pairs),
        exposure(pair.after for pair in pairs),
        most=_MOST,
    )
    shown = [each.key for each in (*shifts.gaining, *shifts.losing)]
    ids = {row: world.item_id(row) for row in shown}
    rows = Item.objects.filter(namespace=namespace, item_id__in=ids.values())
    titles = dict(rows.values_list("item_id", "title"))
    return _named(shifts, ids.__getitem__, titles=titles)


def shifting_brands(pairs: Sequence[Pair], facts: Facts, world: World) -> Shifting:
    return _shifting_groups(pairs, facts, codes=facts.brands, name=world.brands.text)


def shifting_categories(pairs: Sequence[Pair], facts: Facts, world: World) -> Shifting:
    def name(code: int) -> str:
        return world.categories.text(code).replace(PATH_SEPARATOR, " > ")

    return _shifting_groups(pairs, facts, codes=facts.categories, name=name)


def _shifting_groups(
    pairs: Sequence[Pair], facts: Facts, *, codes: I64, name: Namer
) -> Shifting:
    n_groups = int(codes.max(initial=-1)) + 1

    def positions(side: str) -> I64:
        shown = exposure(getattr(pair, side) for pair in pairs)
        return by_group(shown, codes[facts.places(shown.rows)], n_groups=n_groups)

    shifts = shifts_of_groups(positions("before"), positions("after"), most=_MOST)
    return _named(shifts, name, titles={})


def _named(
    shifts: Shifts, name: Namer, *, titles: Mapping[str, str | None]
) -> Shifting:
    def told(found: Sequence[Shift]) -> tuple[Shifted, ...]:
        return tuple(
            Shifted(
                key=(key := name(each.key)),
                title=titles.get(key) or "",
                before=each.before,
                after=each.after,
            )
            for each in found
        )

    return Shifting(
        gaining=told(shifts.gaining),
        losing=told(shifts.losing),
        gaining_count=shifts.gaining_count,
        losing_count=shifts.losing_count,
    )
