"""From an evaluation to the tiles and rows of a simulation's report."""

from __future__ import annotations

from simulations.core.evaluation import SYSTEM, Lift, Report
from simulations.core.simulation import SegmentRow, Tile

BASELINE = "popularity"
_TILES = (
    ("ndcg@10", "NDCG@10"),
    ("mrr@10", "MRR@10"),
    ("recall@20", "Recall@20"),
    ("hit_rate@10", "Hit rate@10"),
    ("catalog_coverage@20", "Catalog coverage@20"),
    ("long_tail_share@20", "Long-tail share@20"),
    ("intra_list_similarity@10", "Intra-list similarity@10"),
    ("novelty@10", "Novelty@10, bits"),
)
NOTES = (
    "The shop is made up, or filled from a fixture: its shoppers have planted tastes."
    " The figures compare configurations; they forecast no turnover.",
    "Lists were ranked by the serving engine from signals of before the split; what"
    " shoppers did afterwards only judges them.",
)


def tiles_of(report: Report) -> tuple[Tile, ...]:
    """Return base, proposal, difference and interval of what people look at first."""
    ours, base = report.models[SYSTEM], report.models.get(BASELINE, {})
    tiles = []
    for metric, title in _TILES:
        proposed = ours.get(metric)
        if proposed is None:
            continue
        lift = report.lift(metric, BASELINE)
        low, high = (
            (lift.difference.low, lift.difference.high)
            if lift is not None
            else (None, None)
        )
        compared = base.get(metric)
        tiles.append(
            Tile(
                metric=metric,
                title=title,
                base=compared.value if compared else None,
                proposed=proposed.value,
                difference=_difference(
                    proposed.value, compared.value if compared else None, lift
                ),
                low=low,
                high=high,
                users=proposed.n,
            )
        )
    return tuple(tiles)


def segments_in(report: Report) -> tuple[SegmentRow, ...]:
    """Return how each segment fares, the worst lift first."""
    rows = []
    for each in report.slices:
        if each.kind != "segment":
            continue
        lifts = {lift.metric: lift for lift in each.lifts if lift.baseline == BASELINE}
        ndcg, mrr = lifts.get("ndcg@10"), lifts.get("mrr@10")
        figure = each.models[SYSTEM].get("ndcg@10")
        rows.append(
            SegmentRow(
                segment=each.key,
                users=each.users,
                ndcg=figure.value if figure else None,
                ndcg_lift=ndcg.relative.value if ndcg else None,
                ndcg_low=ndcg.relative.low if ndcg else None,
                ndcg_high=ndcg.relative.high if ndcg else None,
                mrr_lift=mrr.relative.value if mrr else None,
                gap=ndcg.difference.value if ndcg else None,
                gap_low=ndcg.difference.low if ndcg else None,
                gap_high=ndcg.difference.high if ndcg else None,
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.ndcg_lift or 0.0, row.segment)))


def _difference(
    proposed: float | None, base: float | None, lift: Lift | None
) -> float | None:
    if lift is not None:
        return lift.difference.value
    return None if proposed is None or base is None else proposed - base
