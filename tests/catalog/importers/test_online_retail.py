from __future__ import annotations

import functools
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.importers.online_retail.categories import CATEGORIES, OTHER, category_of
from catalog.operations.runs import RunFailedError

from .lines import events_of, items_of, line, read, request, users_of, write_csv

REAL = Path("../shared/data/online_retail/online_retail.csv.gz")
BAD = {
    "cancellation": line(InvoiceNo="C536379", Quantity="-1"),
    "no_customer": line(CustomerID=""),
    "no_quantity": line(Quantity="0"),
    "no_price": line(UnitPrice="0.0"),
    "no_product": line(StockCode="POST", Description="POSTAGE"),
    "unreadable": line(InvoiceDate="yesterday"),
}


@pytest.mark.parametrize("reason", BAD)
def test_a_line_is_rejected_for_what_is_wrong_with_it(tmp_path, reason):
    path = write_csv(tmp_path / "shop.csv", [line(), BAD[reason]])

    tally, batches = read(request(path))

    assert tally.findings[reason].rejected == 1
    assert tally.findings[reason].examples[0].row == 2
    assert (tally.rows, tally.accepted) == (2, 1)
    assert len(events_of(batches)) == 1


def test_a_line_with_two_faults_is_found_twice_and_rejected_once(tmp_path):
    path = write_csv(
        tmp_path / "shop.csv", [line(), line(InvoiceNo="C1", CustomerID="")]
    )

    tally, _ = read(request(path))

    found = {name: one.found for name, one in tally.findings.items() if one.found}
    assert found == {"cancellation": 1, "no_customer": 1}
    assert sum(one.rejected for one in tally.findings.values()) == 1


def test_a_purchase_is_read_in_the_shop_s_own_time(tmp_path):
    summer = line(InvoiceDate="2011-07-01 12:00:00")
    path = write_csv(tmp_path / "shop.csv.gz", [summer])

    _, batches = read(request(path))

    eleven = datetime(2011, 7, 1, 11, tzinfo=UTC)
    moment = int(eleven.timestamp() * 1e6)
    assert events_of(batches) == [("17850", "85123A", 3, 1.0, moment)]


def test_fees_are_kept_when_asked_for(tmp_path):
    path = write_csv(tmp_path / "shop.csv", [line(), BAD["no_product"]])

    tally, _ = read(request(path, keep_fees=True))

    assert tally.accepted == 2
    assert tally.findings["no_product"].found == 1


def test_a_line_repeated_to_the_letter_is_kept_and_counted(tmp_path):
    other = line(InvoiceNo="536366")
    path = write_csv(tmp_path / "shop.csv", [line(), line(), other])

    tally, _ = read(request(path))

    assert tally.findings["repeated_line"].found == 1
    assert tally.accepted == 3


def test_an_article_has_its_usual_description_and_its_latest_price(tmp_path):
    path = write_csv(
        tmp_path / "shop.csv",
        [
            line(InvoiceDate="2011-03-01 10:00:00", UnitPrice="3.10"),
            line(),
            line(Description="damaged"),
        ],
    )

    _, batches = read(request(path))

    (item,) = items_of(batches)
    assert item.title == "White Hanging Heart T-Light Holder"
    assert item.price == 3.10
    assert item.category == "Candles & T-Lights"
    appeared = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert batches[1].appeared_us == {"85123A": int(appeared.timestamp() * 1e6)}


def test_a_customer_keeps_the_country(tmp_path):
    path = write_csv(tmp_path / "shop.csv", [line(Country="France")])

    _, batches = read(request(path))

    (user,) = users_of(batches)
    assert (user.user_id, user.traits) == ("17850", {"country": "France"})


def test_the_time_zone_is_never_guessed(tmp_path):
    path = write_csv(tmp_path / "shop.csv", [line()])

    with pytest.raises(RunFailedError, match="--time-zone Europe/London"):
        read(request(path, time_zone=None))


def test_another_table_is_refused_by_its_missing_column(tmp_path):
    path = write_csv(tmp_path / "shop.csv", [{"sku": "1", "who": "2"}])

    with pytest.raises(RunFailedError, match="no column InvoiceNo"):
        read(request(path))


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("Pack of 60 Pink Paisley Cake Cases", "Baking"),
        ("Vintage Christmas Gift Bag Large", "Christmas"),
        ("Set of 6 T-Lights in Box", "Candles & T-Lights"),
        ("Union Jack Cushion Cover", "Textiles"),
        ("Something Nobody Knows", OTHER),
    ],
)
def test_a_category_follows_the_head_noun(title, category):
    assert category_of(title) == category
    assert category in CATEGORIES


@functools.cache
def real_set():
    return read(request(REAL.absolute(), keep_fees=True))


@pytest.mark.skipif(not REAL.exists(), reason="The data set is not at hand.")
class TestTheRealSet:
    def test_shows_every_kind_of_dirt_that_is_known_of_it(self):
        tally, _ = real_set()

        found = {name: one.found for name, one in tally.findings.items()}
        assert tally.rows == 541_909
        assert found["no_customer"] == 135_080
        assert found["cancellation"] == 9_288
        assert found["no_price"] == 2_517
        assert found["repeated_line"] == 5_268

    def test_gives_the_clean_purchases_that_are_usually_quoted(self):
        tally, batches = real_set()
        events = events_of(batches)

        assert tally.accepted == len(events) == 397_884
        assert len({user for user, *_ in events}) == 4_338
        assert len({item for _, item, *_ in events}) == 3_665

    def test_falls_into_a_sensible_number_of_categories(self):
        _, batches = real_set()
        items = items_of(batches)
        categories = [item.category for item in items]

        assert 20 <= len(set(categories)) <= 40
        assert categories.count(OTHER) < 0.05 * len(items)
