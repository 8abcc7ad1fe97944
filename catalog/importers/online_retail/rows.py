"""What is wrong with a line of the set, and what is worth remarking."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from catalog.importers import values
from catalog.importers.files import Block
from catalog.importers.tally import Mask, Sieve, Tally
from catalog.operations.event_tables import Ids

COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
_PRODUCT = re.compile(r"(\d{5}[A-Za-z]*|DCGS\w+|SP\d+|PADS)", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Lines:
    """The good lines of a block, entry i of each column the same line."""

    table: pa.Table
    articles: Ids
    customers: Ids
    quantity: NDArray[np.float64]
    price: NDArray[np.float64]
    ts_us: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ts_us)


@dataclass(frozen=True, kw_only=True)
class Reading:
    time_zone: str
    keep_fees: bool = False


def good_lines(
    block: Block, *, reading: Reading, tally: Tally, before: pa.Table | None
) -> Lines:
    """Sort out a block. `before` is the end of the block before it."""
    table = block.table
    sieve = Sieve(tally, table=table, first_row=block.first_row)
    quantity, no_quantity = values.numbers(table["Quantity"])
    price, no_price = values.numbers(table["UnitPrice"])
    ts_us, no_time = values.moments(table["InvoiceDate"], time_zone=reading.time_zone)
    unreadable = no_quantity | no_price | no_time | np.isnan(quantity + price)
    sieve.reject("unreadable", "a number or the time cannot be read", unreadable)
    _reject_what_is_no_purchase(sieve, table, quantity=quantity, price=price)
    articles, customers = _sort_out_ids(sieve, table, keep_fees=reading.keep_fees)
    sieve.remark(
        "repeated_line",
        "the same as another line of its invoice, to the letter; kept",
        repeats(table, before=before),
    )
    kept = sieve.kept
    return Lines(
        table=sieve.passed(),
        articles=articles.where(kept),
        customers=customers.where(kept),
        quantity=quantity[kept],
        price=price[kept],
        ts_us=ts_us[kept],
    )


def _reject_what_is_no_purchase(
    sieve: Sieve,
    table: pa.Table,
    *,
    quantity: NDArray[np.float64],
    price: NDArray[np.float64],
) -> None:
    sieve.reject(
        "cancellation",
        "the invoice takes an earlier one back (C...)",
        values.mask_of(pc.starts_with(table["InvoiceNo"], "C", ignore_case=True)),
    )
    sieve.reject(
        "no_customer", "nobody can be named", values.is_null(table["CustomerID"])
    )
    sieve.reject("no_quantity", "a stock correction: nothing was bought", quantity <= 0)
    sieve.reject("no_price", "the price is zero or less", price <= 0)


def _sort_out_ids(sieve: Sieve, table: pa.Table, *, keep_fees: bool) -> tuple[Ids, Ids]:
    articles = values.ids(table["StockCode"])
    customers = values.ids(table["CustomerID"])
    named = ~values.is_null(table["CustomerID"])
    sieve.reject(
        "bad_id",
        "the article or the customer has no possible id",
        values.bad_ids(articles) | (values.bad_ids(customers) & named),
    )
    fees = articles.that(lambda code: not _PRODUCT.fullmatch(code))
    meaning = "postage, a fee or an adjustment, not an article"
    (sieve.remark if keep_fees else sieve.reject)("no_product", meaning, fees)
    return articles, customers


def repeats(table: pa.Table, *, before: pa.Table | None) -> Mask:
    """Return which rows repeat an earlier one, shape (n,).

    Equal lines have the same invoice, and an invoice stands together: so it is enough
    to look at this block and the end of the last one.
    """
    earlier = 0 if before is None else before.num_rows
    joined = table if before is None else pa.concat_tables([before, table])
    repeated = _of_one_article(joined)
    rows = np.flatnonzero(repeated)
    likely = joined.take(pa.array(rows)).append_column("row", pa.array(rows))
    firsts = likely.group_by(list(COLUMNS)).aggregate([("row", "min")])
    repeated[firsts["row_min"].to_numpy()] = False
    return repeated[earlier:]


def _of_one_article(table: pa.Table) -> Mask:
    """Return which rows share invoice and article with another: few of them do."""
    _, invoices = values.distinct(table["InvoiceNo"])
    known, articles = values.distinct(table["StockCode"])
    _, places = values.distinct(pa.array(invoices * len(known) + articles))
    return (np.bincount(places) > 1)[places]


def end_of(table: pa.Table) -> pa.Table:
    """Return the lines of a block's last invoice."""
    last = table["InvoiceNo"][-1]
    return table.filter(pc.equal(table["InvoiceNo"], last))
