"""What is wrong with a line of the set, and what is worth remarking."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from catalog.importers import values
from catalog.importers.files import Block
from catalog.importers.tally import Mask, Sieve, Tally

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
_PRODUCT = r"^(\d{5}[A-Za-z]*|DCGS\w+|SP\d+|PADS)$"


@dataclass(frozen=True, kw_only=True)
class Lines:
    """The good lines of a block, entry i of each column the same line."""

    table: pa.Table
    quantity: NDArray[np.float64]
    price: NDArray[np.float64]
    ts_us: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Reading:
    time_zone: str
    keep_fees: bool = False


def good_lines(
    block: Block, *, reading: Reading, tally: Tally, before: pa.Table | None
) -> Lines:
    """Sort out a block. `before` is the end of the block before it."""
    table = block.table
    quantity, no_quantity = values.numbers(table["Quantity"])
    price, no_price = values.numbers(table["UnitPrice"])
    ts_us, no_time = values.moments(table["InvoiceDate"], time_zone=reading.time_zone)
    sieve = Sieve(tally, table=table, first_row=block.first_row)
    unreadable = no_quantity | no_price | no_time | np.isnan(quantity + price)
    sieve.reject("unreadable", "a number or the time cannot be read", unreadable)
    _reject_what_is_no_purchase(sieve, table, quantity=quantity, price=price)
    fees = ~values.matches(table["StockCode"], _PRODUCT)
    meaning = "postage, a fee or an adjustment, not an article"
    (sieve.remark if reading.keep_fees else sieve.reject)("no_product", meaning, fees)
    sieve.remark(
        "repeated_line",
        "the same as another line of its invoice, to the letter; kept",
        repeats(table, before=before),
    )
    kept = sieve.kept
    return Lines(
        table=sieve.passed(),
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
        values.matches(table["InvoiceNo"], "^[cC]"),
    )
    sieve.reject(
        "no_customer", "nobody can be named", values.is_null(table["CustomerID"])
    )
    sieve.reject("no_quantity", "a stock correction: nothing was bought", quantity <= 0)
    sieve.reject("no_price", "the price is zero or less", price <= 0)
    sieve.reject(
        "bad_id",
        "the article or the customer has no possible id",
        values.bad_ids(table["StockCode"])
        | (values.bad_ids(table["CustomerID"]) & ~values.is_null(table["CustomerID"])),
    )


def repeats(table: pa.Table, *, before: pa.Table | None) -> Mask:
    """Return which rows repeat an earlier one, shape (n,).

    Equal lines have the same invoice, and an invoice stands together: so it is enough
    to look at this block and the end of the last one.
    """
    earlier = 0 if before is None else before.num_rows
    joined = table if before is None else pa.concat_tables([before, table])
    numbered = joined.append_column("row", pa.array(np.arange(joined.num_rows)))
    firsts = numbered.group_by(list(COLUMNS)).aggregate([("row", "min")])
    repeated = np.ones(joined.num_rows, dtype=bool)
    repeated[firsts["row_min"].to_numpy()] = False
    return repeated[earlier:]


def end_of(table: pa.Table) -> pa.Table:
    """Return the lines of a block's last invoice."""
    last = table["InvoiceNo"][-1]
    return table.filter(pc.equal(table["InvoiceNo"], last))
