from __future__ import annotations

import numpy as np
import pytest

from ranking.signals import pack
from ranking.signals.layout import DamagedSnapshotError, flatten
from ranking.signals.open import open_snapshot, verify_snapshot
from ranking.signals.validation import InvalidSignalsError, validate
from tests.ranking.worlds import Item, Shop, make_snapshot


@pytest.fixture
def snapshot():
    return make_snapshot(
        Shop(
            items=[
                Item(item_id="mug", popularity=2.0, tags=["Red"], brand="Ümlaut"),
                Item(item_id="cup", popularity=1.0, category=["home", "kitchen"]),
            ],
            covisitation={"mug": {"cup": 0.5}},
        )
    )


@pytest.fixture
def path(snapshot, tmp_path):
    return pack.write(snapshot, files_root=tmp_path, namespace_id=7)


class TestWrite:
    def test_reads_back_what_was_written(self, snapshot, path):
        found = open_snapshot(path)

        for (name, column), (_, expected) in zip(
            flatten(found), flatten(snapshot), strict=True
        ):
            np.testing.assert_array_equal(column, expected, err_msg=name)
            assert column.dtype == expected.dtype
        assert found.brands.text(0) == "Ümlaut"
        assert found.as_of_us == snapshot.as_of_us

    def test_names_the_file_by_its_content(self, snapshot, path, tmp_path):
        again = pack.write(snapshot, files_root=tmp_path, namespace_id=8)

        assert (
            again.name
            == path.name
            == f"{open_snapshot(path).content_hash.hex()}.snapshot"
        )
        assert again.read_bytes() == path.read_bytes()

    def test_puts_columns_where_vector_instructions_like_them(self, path):
        for name, column in flatten(open_snapshot(path)):
            assert column.ctypes.data % 64 == 0 or not column.size, name

    def test_leaves_no_draft(self, path):
        assert list(path.parent.iterdir()) == [path]


class TestOpenSnapshot:
    def test_gives_columns_that_cannot_be_changed(self, path):
        with pytest.raises(ValueError, match="read-only"):
            open_snapshot(path).popularity[0] = 9.0

    def test_stays_valid_when_the_file_is_removed(self, path):
        found = open_snapshot(path)
        path.unlink()

        assert found.popularity.tolist() == [2.0, 1.0]

    @pytest.mark.parametrize("length", [0, 10, 63, 500, -1])
    def test_refuses_a_file_that_is_cut_off(self, path, length):
        path.write_bytes(path.read_bytes()[:length])

        with pytest.raises(DamagedSnapshotError):
            open_snapshot(path)

    @pytest.mark.parametrize("place", [0, 9, 40, 100])
    def test_refuses_a_damaged_header_or_manifest(self, path, place):
        content = bytearray(path.read_bytes())
        content[place] ^= 1
        path.write_bytes(bytes(content))

        with pytest.raises(DamagedSnapshotError):
            open_snapshot(path)


class TestVerifySnapshot:
    def test_is_content_with_a_whole_file(self, path):
        verify_snapshot(path)

    def test_names_the_damaged_column(self, path, snapshot):
        content = path.read_bytes()
        place = content.rindex(snapshot.popularity.tobytes())
        path.write_bytes(content[:place] + b"\x01" + content[place + 1 :])

        with pytest.raises(DamagedSnapshotError, match="popularity"):
            verify_snapshot(path)


class TestValidate:
    def test_accepts_what_can_be_served(self, snapshot):
        validate(snapshot, items=2, had_events=True)

    def test_refuses_missing_items(self, snapshot):
        with pytest.raises(InvalidSignalsError, match="2 rows for 3 items"):
            validate(snapshot, items=3, had_events=True)

    def test_refuses_numbers_that_are_none(self, snapshot):
        snapshot.popularity[0] = np.nan

        with pytest.raises(InvalidSignalsError, match="popularity holds NaN"):
            validate(snapshot, items=2, had_events=True)

    def test_refuses_popularity_lost(self, snapshot):
        snapshot.popularity[:] = 0.0

        with pytest.raises(InvalidSignalsError, match="no item is popular"):
            validate(snapshot, items=2, had_events=True)

    def test_refuses_neighbours_that_do_not_exist(self, snapshot):
        snapshot.covisitation.rows[0] = 2

        with pytest.raises(InvalidSignalsError, match="rows that do not exist"):
            validate(snapshot, items=2, had_events=True)
