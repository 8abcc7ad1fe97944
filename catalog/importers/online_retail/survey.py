"""The first pass: what there is to know about articles and customers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from catalog.importers import values
from catalog.importers.files import Table, blocks
from catalog.importers.tally import Tally

from .rows import Lines, Reading, end_of, good_lines


@dataclass
class Article:
    descriptions: Counter[str] = field(default_factory=Counter)
    price: float = 0.0
    priced_us: int = -1
    appeared_us: int = 2**62


@dataclass
class Survey:
    """Grows with the number of articles and customers, not with that of lines."""

    articles: dict[str, Article] = field(default_factory=dict)
    countries: dict[str, str] = field(default_factory=dict)

    def add(self, lines: Lines) -> None:
        if not len(lines.ts_us):
            return
        self._add_descriptions(lines)
        self._add_prices(lines)
        customers = values.as_text(lines.table["CustomerID"]).to_pylist()
        countries = lines.table["Country"].to_pylist()
        self.countries.update(
            (customer, country or "")
            for customer, country in zip(customers, countries, strict=True)
        )

    def _add_descriptions(self, lines: Lines) -> None:
        grouped = lines.table.group_by(["StockCode", "Description"]).aggregate(
            [([], "count_all")]
        )
        for code, description, count in zip(
            grouped["StockCode"].to_pylist(),
            grouped["Description"].to_pylist(),
            grouped["count_all"].to_pylist(),
            strict=True,
        ):
            article = self.articles.setdefault(code, Article())
            article.descriptions[" ".join((description or "").split())] += count

    def _add_prices(self, lines: Lines) -> None:
        order = np.argsort(lines.ts_us, kind="stable")
        codes = lines.table["StockCode"].take(pa.array(order)).to_pylist()
        # Of equal keys the last stays: the latest price, and backwards the first time.
        latest = dict(
            zip(
                codes,
                zip(lines.ts_us[order], lines.price[order], strict=True),
                strict=True,
            )
        )
        earliest = dict(zip(codes[::-1], lines.ts_us[order][::-1], strict=True))
        for code, (moment, price) in latest.items():
            article = self.articles[code]
            if moment >= article.priced_us:
                article.priced_us, article.price = int(moment), float(price)
            article.appeared_us = min(article.appeared_us, int(earliest[code]))


def survey_of(table: Table, *, reading: Reading) -> Survey:
    """Read the whole file once. Nothing is counted: the second pass does that."""
    survey = Survey()
    for lines, _, _ in all_lines(table, reading=reading, tally=Tally()):
        survey.add(lines)
    return survey


def all_lines(
    table: Table, *, reading: Reading, tally: Tally, skip: int = 0
) -> Iterator[tuple[Lines, int, float]]:
    """Yield good lines with the count of rows behind them and the share read."""
    before: pa.Table | None = None
    for block in blocks(table, skip=max(0, skip - 1)):
        done = block.first_row - 1 + block.table.num_rows
        if done > skip:
            lines = good_lines(block, reading=reading, tally=tally, before=before)
            yield lines, done, block.read
        before = end_of(block.table)
