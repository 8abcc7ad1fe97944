from __future__ import annotations

import pytest

from catalog.operations.runs import RunFailedError

from .lines import events_of, read, request, write_csv

MOVIE = {
    "movieId": "1",
    "title": "Matrix, The (1999)",
    "genres": "Action|Sci-Fi",
}
RATING = {"userId": "7", "movieId": "1", "rating": "4.5", "timestamp": "964982703"}
AT = 964_982_703_000_000


def test_the_small_set_is_read_from_its_folder(tmp_path):
    write_csv(tmp_path / "movies.csv", [MOVIE])
    write_csv(tmp_path / "ratings.csv", [RATING, RATING | {"rating": "2"}])

    _, batches = read(request(tmp_path, form="movielens"))

    (item,) = batches[0].items
    assert (item.title, item.props) == ("The Matrix", {"year": 1999})
    assert (item.category, item.tags) == ("Action", ["action", "sci-fi"])
    assert events_of(batches) == [("7", "1", 3, 1.0, AT), ("7", "1", 0, 1.0, AT)]


def test_the_million_is_read_with_its_users(tmp_path):
    (tmp_path / "movies.dat").write_bytes(
        "1::Amélie (2001)::Comedy\n".encode("latin-1")
    )
    (tmp_path / "users.dat").write_text("7::F::25::12::55117\n")
    (tmp_path / "ratings.dat").write_text("7::1::5::964982703\n")

    _, batches = read(request(tmp_path, form="movielens"))

    assert batches[0].items[0].title == "Amélie"
    assert batches[1].users[0].traits == {
        "gender": "F",
        "age": "25",
        "occupation": "12",
        "zip": "55117",
    }
    assert events_of(batches) == [("7", "1", 3, 1.0, AT)]


def test_a_folder_without_the_files_is_refused(tmp_path):
    with pytest.raises(RunFailedError, match=r"neither movies\.csv nor movies\.dat"):
        read(request(tmp_path, form="movielens"))
