"""What there is to know about articles and customers, gathered from their lines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from catalog.importers import values

from .rows import Lines


@dataclass(slots=True)
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
    is_whole: bool = False
    """Whether it has seen the whole file."""

    def add(self, lines: Lines) -> None:
        self._add_descriptions(lines)
        self._add_prices(lines)
        customers = lines.customers
        rows = _last_row_of_each(customers.codes, count=len(customers.texts))
        countries = lines.table["Country"].take(pa.array(rows)).to_pylist()
        self.countries |= {
            customer: country or ""
            for customer, country in zip(customers.texts, countries, strict=True)
        }

    def _add_descriptions(self, lines: Lines) -> None:
        written, places = values.distinct(lines.table["Description"])
        pairs, counts = np.unique(
            lines.articles.codes * len(written) + places, return_counts=True
        )
        codes, descriptions = np.divmod(pairs, len(written))
        texts = [" ".join((text or "").split()) for text in written.to_pylist()]
        for code, description, count in zip(
            codes.tolist(), descriptions.tolist(), counts.tolist(), strict=True
        ):
            article = self.articles.setdefault(lines.articles.texts[code], Article())
            article.descriptions[texts[description]] += count

    def _add_prices(self, lines: Lines) -> None:
        order = np.argsort(lines.ts_us, kind="stable")
        codes, texts = lines.articles.codes[order], lines.articles.texts
        latest = order[_last_row_of_each(codes, count=len(texts))]
        earliest = order[::-1][_last_row_of_each(codes[::-1], count=len(texts))]
        for code, priced_us, price, appeared_us in zip(
            texts,
            lines.ts_us[latest].tolist(),
            lines.price[latest].tolist(),
            lines.ts_us[earliest].tolist(),
            strict=True,
        ):
            article = self.articles[code]
            if priced_us >= article.priced_us:
                article.priced_us, article.price = priced_us, price
            article.appeared_us = min(article.appeared_us, appeared_us)


def _last_row_of_each(codes: NDArray[np.int64], *, count: int) -> NDArray[np.int64]:
    """Return the last row of each of `count` codes, all of which occur."""
    rows = np.zeros(count, dtype=np.int64)
    # Of several values for one place the last stays.
    rows[codes] = np.arange(len(codes))
    return rows
