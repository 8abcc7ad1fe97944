"""Before there is a snapshot, items are read from the tables; answers replay all the
same."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.models import Change
from catalog.tenancy import org_scope
from ranking.operations.build_retention import REPLAY_WINDOW, collect_builds
from ranking.queries.decided import GoneError
from ranking.serve import served
from tests.ranking.serve.replays import replayed_digest, stored
from tests.ranking.shops import Shop, ids_of, item, items


@pytest.fixture
def untold(shop: Shop) -> Shop:
    """A shop whose feed says only that many items came."""
    shop.sell(*items([f"i{n}" for n in range(8)], tags=["tea"]))
    _make_untold(shop)
    return shop


def _make_untold(shop: Shop) -> None:
    with org_scope(shop.org_id):
        Change.objects.filter(namespace=shop.namespace, kind="items").update(rows=None)
    served.look_again(shop.namespace.pk)


def _is_the_same_again(shop: Shop, answer: Any) -> bool:
    kept = stored(shop, answer)
    return replayed_digest(shop, kept) == bytes(kept.decision.answer_digest)


def _files(settings: Any) -> list[Path]:
    return list(Path(settings.FILES_ROOT).rglob("*.items"))


def test_an_answer_from_them_is_given_again_whatever_happened_since(
    untold: Shop,
) -> None:
    answer = untold.recommend(k=20)
    assert len(ids_of(answer)) == 8

    untold.sell(item("i0", available=False), item("i9"))
    untold.ask("/v1/items:delete", item_id="i1")

    assert _is_the_same_again(untold, answer)


def test_so_is_one_with_changes_after_them(untold: Shop) -> None:
    untold.recommend(k=20)
    untold.sell(item("i0", available=False), item("i9"))
    answer = untold.recommend(k=20)
    assert set(ids_of(answer)) == {*(f"i{n}" for n in range(1, 8)), "i9"}

    untold.sell(item("i2", available=False))

    assert _is_the_same_again(untold, answer)


def test_so_is_one_of_another_process(untold: Shop) -> None:
    untold.recommend(k=20)
    untold.sell(item("i9"))
    served.forget_all()

    answer = untold.recommend(k=20)

    assert _is_the_same_again(untold, answer)


def test_equal_items_are_kept_once(untold: Shop, settings: Any) -> None:
    for _ in range(3):
        served.forget_all()
        untold.recommend()

    assert len(_files(settings)) == 1


def test_items_that_are_gone_are_said_to_be(untold: Shop, settings: Any) -> None:
    kept = stored(untold, untold.recommend())
    for path in _files(settings):
        path.unlink()

    with pytest.raises(GoneError) as caught:
        replayed_digest(untold, kept)

    assert caught.value.code == "items_expired"


def test_they_go_when_the_time_for_replays_is_over(untold: Shop, settings: Any) -> None:
    untold.recommend()
    (path,) = _files(settings)
    now = datetime.now(UTC)

    collect_builds(untold.namespace, at=now, files_root=Path(settings.FILES_ROOT))
    assert path.exists()
    old = (now - REPLAY_WINDOW - timedelta(hours=1)).timestamp()
    os.utime(path, (old, old))
    collect_builds(untold.namespace, at=now, files_root=Path(settings.FILES_ROOT))

    assert not path.exists()


def test_a_disk_that_takes_no_file_keeps_nobody_waiting(
    untold: Shop, settings: Any
) -> None:
    (Path(settings.FILES_ROOT) / "items").write_bytes(b"in the way")

    answer = untold.recommend(k=20)

    assert len(ids_of(answer)) == 8
    with pytest.raises(GoneError):
        replayed_digest(untold, stored(untold, answer))
