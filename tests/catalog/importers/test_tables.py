from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.operations.runs import RunFailedError

from .lines import events_of, metas_of, read, request, write_csv

EVENT = {"user_id": "u", "item_id": "i", "type": "purchase", "ts": "2026-01-02T03:04Z"}
AT = 1_767_323_040_000_000


def event(**fields):
    return EVENT | fields


def reasons(tally):
    return {name: one.rejected for name, one in tally.findings.items() if one.rejected}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"user_id": ""}, "no_user"),
        ({"item_id": "tab\there"}, "no_item"),
        ({"ts": "2026-01-02 03:04"}, "no_time"),
        ({"ts": "2026-02-30T03:04Z"}, "no_time"),
        ({"ts": "1980-01-02T03:04Z"}, "odd_time"),
        ({"ts": "2080-01-02T03:04Z"}, "odd_time"),
        ({"type": "dance"}, "no_type"),
        ({"type": "-1"}, "no_type"),
        ({"source_event_id": "tab\there"}, "bad_key"),
        ({"source_event_id": "k" * 257}, "bad_key"),
        ({"meta": "[1]"}, "bad_meta"),
        ({"meta": '{"a": "\\u0000"}'}, "bad_meta"),
        ({"meta.shelf": "a\x00b"}, "bad_meta"),
    ],
)
def test_an_event_is_rejected_with_its_reason(tmp_path, fields, reason):
    good = event(**dict.fromkeys(fields, None) | EVENT)
    path = write_csv(tmp_path / "events.csv", [good, good | fields])

    tally, batches = read(request(path, form="csv"))

    assert reasons(tally) == {reason: 1}
    assert events_of(batches) == [("u", "i", 3, 1.0, AT)]


def test_types_are_those_of_the_namespace(tmp_path):
    words = ["Wish", "7", "purchase", "77", "dance", "dance"]
    path = write_csv(tmp_path / "events.csv", [event(type=word) for word in words])
    types = {"wish": 7, "7": 7, "purchase": 3, "3": 3}

    tally, batches = read(request(path, form="csv", types=types))

    assert [kind for _, _, kind, *_ in events_of(batches)] == [7, 7, 3, 77]
    assert reasons(tally) == {"no_type": 2}
    assert tally.findings["undefined_type"].found == 1
    assert tally.notes == {'events of the unknown type "dance"': 2}


def test_the_type_of_a_whole_file_is_one_of_the_namespace(tmp_path):
    path = write_csv(tmp_path / "events.csv", [event()])

    with pytest.raises(RunFailedError, match=r'no event type "wish".* add, click'):
        read(request(path, form="csv", event_type="wish"))


def test_entries_of_several_columns_become_one_object(tmp_path):
    rows = [
        event(**{"meta.shelf": 'a "b"', "meta.rank": "3"}),
        event(**{"meta.shelf": None, "meta.rank": "4.5"}),
        event(**{"meta.shelf": None, "meta.rank": None}),
    ]
    path = write_csv(tmp_path / "events.csv", rows)

    _, batches = read(request(path, form="csv"))

    assert metas_of(batches) == [
        '{"shelf":"a \\"b\\"","rank":3}',
        '{"rank":4.5}',
        None,
    ]


@pytest.mark.parametrize(
    "ts", ["2026-01-02T03:04:00Z", "2026-01-02T04:04:00+01:00", str(AT // 10**6)]
)
def test_a_moment_may_be_written_in_several_ways(tmp_path, ts):
    path = write_csv(tmp_path / "events.csv", [event(ts=ts)])

    _, batches = read(request(path, form="csv"))

    assert events_of(batches)[0][-1] == AT


def test_naive_times_are_read_in_the_zone_that_is_given(tmp_path):
    path = write_csv(tmp_path / "events.csv", [event(ts="2026-01-02 04:04:00")])

    _, batches = read(request(path, form="csv", time_zone="Europe/Berlin"))

    assert events_of(batches)[0][-1] == AT


def test_columns_go_where_they_are_sent(tmp_path):
    row = {"who": "7.0", "sku": "9", "when": AT // 1000, "stars": "4.5", "shelf": "a"}
    path = write_csv(tmp_path / "events.csv", [row])
    columns = {"who": "user_id", "sku": "item_id", "when": "ts", "shelf": "meta.shelf"}

    _, batches = read(request(path, form="csv", columns=columns, event_type="custom"))

    assert events_of(batches) == [("7", "9", 4, 1.0, AT)]
    assert metas_of(batches) == ['{"shelf":"a"}']


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"user": "user_id"}, "Did you mean"),
        ({"user_id": "usr_id"}, 'Did you mean "user_id"'),
        ({"type": "meta.kind"}, "--type purchase"),
    ],
)
def test_a_wrong_mapping_is_refused_in_words(tmp_path, columns, words):
    path = write_csv(tmp_path / "events.csv", [event()])

    with pytest.raises(RunFailedError, match=words):
        read(request(path, form="csv", columns=columns))


def test_a_needed_column_is_asked_for(tmp_path):
    path = write_csv(tmp_path / "events.csv", [{"who": "u", "item_id": "i"}])

    with pytest.raises(RunFailedError, match="--map who=user_id"):
        read(request(path, form="csv"))


def test_items_get_their_lists_numbers_and_props(tmp_path):
    row = {
        "item_id": "1",
        "category_path": "Home > Lamps",
        "tags": "warm, brass",
        "price": "12.50",
        "stock": "3",
        "available": "yes",
        "props.margin": "0.4",
    }
    path = write_csv(
        tmp_path / "items.csv", [row, row | {"item_id": "2", "price": "x"}]
    )

    tally, batches = read(request(path, form="csv", kind="items"))

    (item,) = batches[0].items
    assert item.category_path == ["Home", "Lamps"]
    assert item.tags == ["warm", "brass"]
    assert (item.price, item.stock, item.available) == (12.5, 3, True)
    assert item.props == {"margin": 0.4}
    assert reasons(tally) == {"no_price": 1}


def test_of_a_repeated_item_the_last_row_counts(tmp_path):
    rows = [{"item_id": "1", "title": "old"}, {"item_id": "1", "title": "new"}]
    path = write_csv(tmp_path / "items.csv", rows)

    tally, batches = read(request(path, form="csv", kind="items"))

    assert [item.title for item in batches[0].items] == ["new"]
    assert reasons(tally) == {"repeated_id": 1}


def test_parquet_keeps_its_types(tmp_path):
    path = tmp_path / "events.parquet"
    moments = pa.array([AT], pa.timestamp("us", tz="UTC"))
    columns = {"user_id": pa.array([7]), "item_id": ["i"], "type": [0], "ts": moments}
    pq.write_table(pa.table(columns), path)

    _, batches = read(request(path, form="parquet"))

    assert events_of(batches) == [("7", "i", 0, 1.0, AT)]


@pytest.mark.parametrize(
    "kind", [pa.large_string(), pa.dictionary(pa.int32(), pa.string())]
)
def test_texts_of_a_parquet_file_may_be_kept_in_any_way(tmp_path, kind):
    path = tmp_path / "events.parquet"
    rows = [event(value="2"), event(value="two")]
    columns = {
        name: pa.array([row[name] for row in rows], pa.string()).cast(kind)
        for name in rows[0]
    }
    pq.write_table(pa.table(columns), path)

    tally, batches = read(request(path, form="parquet"))

    assert events_of(batches) == [("u", "i", 3, 2.0, AT)]
    assert reasons(tally) == {"no_value": 1}


def test_what_is_no_parquet_is_said_to_be_none(tmp_path):
    path = write_csv(tmp_path / "events.csv", [event()])

    with pytest.raises(RunFailedError, match="no Parquet file"):
        read(request(path, form="parquet"))


def test_another_encoding_is_asked_for(tmp_path):
    path = tmp_path / "events.csv"
    path.write_bytes("user_id,item_id,type,ts\nJosé,i,0,1767323040\n".encode("latin-1"))

    with pytest.raises(RunFailedError, match="--encoding latin-1"):
        read(request(path, form="csv"))
    _, batches = read(request(path, form="csv", encoding="latin-1"))
    assert events_of(batches)[0][0] == "José"


def test_rows_of_another_length_are_said_to_be_unreadable(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text("user_id,item_id,type,ts\nu,i,0,1767323040\nu,i\n")

    with pytest.raises(RunFailedError, match=r"events\.csv cannot be read"):
        read(request(path, form="csv"))
