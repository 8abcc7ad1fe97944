from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import batched

import msgspec
import numpy as np
import pyarrow as pa

from catalog.core.event_types import PURCHASE
from catalog.core.wire import ItemIn, UserIn
from catalog.importers import values
from catalog.importers.batches import Batch, Plan
from catalog.importers.files import Block, Table, blocks, column_names
from catalog.importers.json_texts import json_object, json_of
from catalog.importers.request import ImportRequest
from catalog.importers.tally import Tally
from catalog.operations.event_tables import EventTable
from catalog.operations.runs import RunFailedError

from .categories import category_of
from .rows import COLUMNS, Lines, Reading, end_of, good_lines
from .survey import Survey
from .titles import title_of

# As many items as the change feed holds with their states.
_ROWS = 5_000


def make_plan(request: ImportRequest) -> Plan:
    """Store the purchases, then the articles and customers that they told of.

    The file is read once. Until its end the articles are known by their events alone.
    """
    table = Table(path=request.path, encoding=request.encoding)
    known = column_names(table)
    missing = [name for name in COLUMNS if name not in known]
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
    purchases = Purchases(
        table,
        Reading(time_zone=request.time_zone, keep_fees=request.keep_fees),
        currency=request.currency,
        survey=Survey(),
    )
    return Plan(steps=[purchases, Articles(purchases), Customers(purchases)])


@dataclass(frozen=True)
class Purchases:
    table: Table
    reading: Reading
    currency: str
    survey: Survey
    name: str = "purchases"
    weight: float = 1.0

    def batches(self, tally: Tally, *, skip: int) -> Iterator[Batch]:
        """Yield the events after the first `skip` rows, and survey all of them."""
        for block, lines in self._lines(tally, skip=skip):
            if len(lines):
                self.survey.add(lines)
            if block.last_row > skip:
                events = _events(lines, currency=self.currency)
                yield Batch(rows=block.last_row, read=block.read, events=events)
        self.survey.is_whole = True

    def whole_survey(self) -> Survey:
        """Return the survey, read now if a killed import goes on behind this step."""
        if not self.survey.is_whole:
            for _, lines in self._lines(Tally(), skip=0):
                if len(lines):
                    self.survey.add(lines)
            self.survey.is_whole = True
        return self.survey

    def _lines(self, tally: Tally, *, skip: int) -> Iterator[tuple[Block, Lines]]:
        """Yield every block's good lines. What was counted is not counted again."""
        before: pa.Table | None = None
        for block in blocks(self.table):
            counts = tally if block.last_row > skip else Tally()
            yield (
                block,
                good_lines(block, reading=self.reading, tally=counts, before=before),
            )
            before = end_of(block.table)


@dataclass(frozen=True)
class Articles:
    purchases: Purchases
    name: str = "articles"
    weight: float = 0.1

    def batches(self, tally: Tally, *, skip: int) -> Iterator[Batch]:
        articles = sorted(self.purchases.whole_survey().articles.items())
        tally.notes["articles"] = len(articles)
        tally.notes["articles_with_several_descriptions"] = sum(
            len(article.descriptions) > 1 for _, article in articles
        )
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
    purchases: Purchases
    name: str = "customers"
    weight: float = 0.05

    def batches(self, tally: Tally, *, skip: int) -> Iterator[Batch]:
        customers = sorted(self.purchases.whole_survey().countries.items())
        tally.notes["customers"] = len(customers)
        for done, part in _parts(customers, skip=skip):
            users = [
                UserIn(user_id=one, traits={"country": land}) for one, land in part
            ]
            yield Batch(rows=done, read=done / len(customers), users=users)


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


def _events(lines: Lines, *, currency: str) -> EventTable:
    return EventTable(
        users=lines.customers,
        items=lines.articles,
        types=np.full(len(lines), PURCHASE),
        ts_us=lines.ts_us,
        metas=json_object(
            [
                ("order_id", json_of(lines.table["InvoiceNo"])),
                ("quantity", values.written(lines.quantity)),
                ("unit_price", values.written(lines.price)),
                ("currency", pa.scalar(msgspec.json.encode(currency).decode())),
            ]
        ),
    )


def _parts[T](rows: Sequence[T], *, skip: int) -> Iterator[tuple[int, Sequence[T]]]:
    """Yield rows by the thousand, with the count of those done after each."""
    done = 0
    for part in batched(rows, _ROWS, strict=False):
        done += len(part)
        if done > skip:
            yield done, part
