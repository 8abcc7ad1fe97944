from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import batched

import numpy as np

from catalog.core.event_types import PURCHASE
from catalog.core.wire import ItemIn, UserIn
from catalog.importers import values
from catalog.importers.batches import Batch, Plan
from catalog.importers.files import Table, column_names
from catalog.importers.request import ImportRequest
from catalog.importers.tally import Tally
from catalog.operations.events import EventColumns
from catalog.operations.runs import RunFailedError

from .categories import category_of
from .rows import COLUMNS, Lines, Reading
from .survey import Survey, all_lines, survey_of
from .titles import title_of

_ROWS = 1_000


def make_plan(request: ImportRequest) -> Plan:
    """Survey the file, then store articles, customers and purchases."""
    table = Table(path=request.path, encoding=request.encoding)
    missing = [name for name in COLUMNS if name not in column_names(table)]
    if missing:
        raise RunFailedError(
            f"{request.path} has no column {missing[0]}. Online Retail has "
            f"{', '.join(COLUMNS)}; for other tables use the format csv."
        )
    if request.time_zone is None:
        raise RunFailedError(
            "The times of Online Retail have no zone. Say where the shop is: "
            "--time-zone Europe/London."
        )
    reading = Reading(time_zone=request.time_zone, keep_fees=request.keep_fees)
    survey = survey_of(table, reading=reading)
    return Plan(
        steps=[
            Articles(survey),
            Customers(survey),
            Purchases(table, reading, currency=request.currency),
        ],
        notes={
            "articles": len(survey.articles),
            "customers": len(survey.countries),
            "articles_with_several_descriptions": sum(
                len(article.descriptions) > 1 for article in survey.articles.values()
            ),
        },
    )


@dataclass(frozen=True)
class Articles:
    survey: Survey
    name: str = "articles"
    weight: float = 0.1

    def batches(self, tally: Tally, *, skip: int) -> Iterator[Batch]:
        articles = sorted(self.survey.articles.items())
        for done, part in _parts(articles, skip=skip):
            yield Batch(
                rows=done,
                read=done / len(articles),
                items=[
                    _item(
                        code, title=title_of(article.descriptions), price=article.price
                    )
                    for code, article in part
                ],
                appeared_us={code: article.appeared_us for code, article in part},
            )


@dataclass(frozen=True)
class Customers:
    survey: Survey
    name: str = "customers"
    weight: float = 0.05

    def batches(self, tally: Tally, *, skip: int) -> Iterator[Batch]:
        customers = sorted(self.survey.countries.items())
        for done, part in _parts(customers, skip=skip):
            users = [
                UserIn(user_id=one, traits={"country": land}) for one, land in part
            ]
            yield Batch(rows=done, read=done / len(customers), users=users)


@dataclass(frozen=True)
class Purchases:
    table: Table
    reading: Reading
    currency: str
    name: str = "purchases"
    weight: float = 1.0

    def batches(self, tally: Tally, *, skip: int) -> Iterator[Batch]:
        lines_of = all_lines(self.table, reading=self.reading, tally=tally, skip=skip)
        for lines, done, read in lines_of:
            yield Batch(
                rows=done, read=read, events=_events(lines, currency=self.currency)
            )


def _item(code: str, *, title: str, price: float) -> ItemIn:
    category = category_of(title)
    return ItemIn(
        item_id=code,
        title=title,
        price=price,
        category=category,
        category_path=[category],
        tags=[category.lower()],
    )


def _events(lines: Lines, *, currency: str) -> EventColumns:
    count = len(lines.ts_us)
    metas = [
        f'{{"order_id":"{invoice}","quantity":{quantity:g},"unit_price":{price:g},'
        f'"currency":"{currency}"}}'
        for invoice, quantity, price in zip(
            lines.table["InvoiceNo"].to_pylist(),
            lines.quantity.tolist(),
            lines.price.tolist(),
            strict=True,
        )
    ]
    return EventColumns(
        user_ids=values.as_text(lines.table["CustomerID"]).to_pylist(),
        item_ids=lines.table["StockCode"].to_pylist(),
        types=[PURCHASE] * count,
        values=np.ones(count).tolist(),
        ts_us=lines.ts_us.tolist(),
        metas=metas,
    )


def _parts[T](rows: Sequence[T], *, skip: int) -> Iterator[tuple[int, Sequence[T]]]:
    """Yield rows by the thousand, with the count of those done after each."""
    done = 0
    for part in batched(rows, _ROWS, strict=False):
        done += len(part)
        if done > skip:
            yield done, part
