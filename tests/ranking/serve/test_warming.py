"""What a process opens before it is asked."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from ranking.core.snapshot import Snapshot
from ranking.serve import asked, loading, served
from ranking.serve.warming import MOST_NAMESPACES, warm_up
from ranking.signals.open import open_snapshot
from tests.ranking.builds import build
from tests.ranking.shops import Shop, items

NOW = time.time()


@pytest.fixture
def files(tmp_path: Path, settings: Any) -> Path:
    """A host that was never asked for anything."""
    settings.FILES_ROOT = tmp_path
    asked.forget_all()
    return tmp_path


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The snapshots that were opened from now on."""
    paths: list[Path] = []

    def noted(path: Path) -> Snapshot:
        paths.append(path)
        return open_snapshot(path)

    monkeypatch.setattr(loading, "open_snapshot", noted)
    return paths


def test_the_first_answer_of_a_fresh_process_opens_no_snapshot(
    files: Path, shop: Shop, opened: list[Path]
) -> None:
    shop.sell(*items([f"i{n}" for n in range(6)]))
    shop.record(*((f"u{n}", f"i{n % 6}", "purchase") for n in range(12)))
    build(shop)
    shop.recommend("u1")
    served.forget_all()
    opened.clear()

    assert warm_up(wall_seconds=NOW) == [shop.name]

    assert len(opened) == 1
    assert shop.recommend("u1")["items"]
    assert len(opened) == 1


def test_a_process_is_ready_where_nothing_was_asked_for_or_can_be_opened(
    files: Path, shop: Shop
) -> None:
    assert warm_up(wall_seconds=NOW) == []

    (files / "asked").mkdir()
    (files / "asked" / "999999").touch()
    assert warm_up(wall_seconds=NOW) == []


def test_what_was_asked_for_long_ago_waits_until_it_is_asked_again(
    files: Path,
) -> None:
    for number in range(1, MOST_NAMESPACES + 5):
        asked.note(number)
        moment = NOW - number * 3_600
        os.utime(files / "asked" / str(number), (moment, moment))
    long_ago = NOW - asked.LATELY_SECONDS - 1
    os.utime(files / "asked" / "1", (long_ago, long_ago))

    assert asked.lately(wall_seconds=NOW) == [*range(2, MOST_NAMESPACES + 5)]


def test_a_full_disk_stops_no_answer(settings: Any) -> None:
    settings.FILES_ROOT = Path("/dev/null")
    asked.forget_all()

    asked.note(1)

    assert asked.lately(wall_seconds=NOW) == []
