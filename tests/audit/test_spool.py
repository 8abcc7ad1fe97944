from __future__ import annotations

import os
import resource
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from audit import spool
from audit.core.frames import split
from audit.spool import places, segment, writer
from audit.spool.tally import Tally
from audit.spool.writer import Writer
from tests.factories.audit import make_record

LIMIT = 2**40


def payloads_in(directory: Path) -> list[bytes]:
    """Everything that waits, after checking that no file ends within a record."""
    found = [split(path.read_bytes()) for path in directory.glob("*-*")]
    assert not any(each.is_torn or each.is_damaged for each in found)
    return [payload for each in found for payload in each.payloads]


@contextmanager
def file_size_limit(n_bytes: int) -> Iterator[None]:
    """Make every file full beyond some size: what a full disk does, for everyone."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class TestWriter:
    def test_keeps_records_in_the_order_in_which_they_came(
        self, tmp_path: Path
    ) -> None:
        spooler = Writer(tmp_path, sync=False, limit_bytes=LIMIT)
        sent = [b"%d" % number for number in range(10)]

        for payload in sent:
            assert spooler.append(payload)

        assert payloads_in(tmp_path) == sent

    def test_keeps_a_record_while_others_are_drained(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def drained_after_the_look(directory: Path) -> list[os.DirEntry[str]]:
            found = list(places.segments(directory))
            for entry in found:
                Path(entry.path).unlink()
            return found

        monkeypatch.setattr(writer, "_waiting", drained_after_the_look)
        (tmp_path / f"1-1-1{places.CLOSED}").write_bytes(b"another's")
        spooler = Writer(tmp_path, sync=False, limit_bytes=LIMIT)

        assert spooler.append(b"mine")
        assert payloads_in(tmp_path) == [b"mine"]

    def test_shows_files_to_its_own_account_alone(self, tmp_path: Path) -> None:
        directory = tmp_path / "spool"
        Writer(directory, sync=False, limit_bytes=LIMIT).append(b"secret")

        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        for path in directory.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_starts_another_segment_when_one_is_full(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writer, "SEGMENT_BYTES", 100)
        spooler = Writer(tmp_path, sync=False, limit_bytes=LIMIT)

        for _ in range(3):
            spooler.append(bytes(60))

        assert len(list(tmp_path.glob("*.closed"))) == 1
        assert len(list(tmp_path.glob("*.open"))) == 1
        assert len(payloads_in(tmp_path)) == 3

    def test_starts_another_segment_when_the_drainer_took_one(
        self, tmp_path: Path
    ) -> None:
        spooler = Writer(tmp_path, sync=False, limit_bytes=LIMIT)
        spooler.append(b"before")
        (first,) = tmp_path.glob("*.open")
        taken = segment.take_over(first)
        assert taken is not None
        before = taken.read_bytes()
        taken.unlink()

        spooler.append(b"after")

        assert split(before).payloads == [b"before"]
        assert payloads_in(tmp_path) == [b"after"]

    @pytest.mark.parametrize("sync", [False, True])
    def test_loses_nothing_to_a_drainer_that_takes_all_the_time(
        self, tmp_path: Path, sync: bool
    ) -> None:
        spooler = Writer(tmp_path, sync=sync, limit_bytes=LIMIT)
        sent = {b"%d" % number for number in range(50 if sync else 400)}
        over = threading.Event()
        drained: list[bytes] = []

        def drain() -> None:
            while True:
                was_over = over.is_set()
                for path in tmp_path.glob("*.open"):
                    segment.take_over(path)
                for path in tmp_path.glob("*.closed"):
                    drained.extend(split(path.read_bytes()).payloads)
                    path.unlink()
                if was_over:
                    return

        drainer = threading.Thread(target=drain)
        drainer.start()
        with ThreadPoolExecutor(4) as threads:
            kept = list(threads.map(spooler.append, sent))
        over.set()
        drainer.join()

        assert all(kept)
        assert len(drained) == len(sent)
        assert set(drained) == sent

    @pytest.mark.parametrize("room", [0, 5, 37])
    def test_counts_what_a_full_disk_refuses_and_goes_on_after(
        self, tmp_path: Path, room: int
    ) -> None:
        spooler = Writer(tmp_path, sync=False, limit_bytes=LIMIT)
        assert spooler.append(bytes(100))

        with file_size_limit(108 + room):
            kept = [spooler.append(bytes(200)) for _ in range(2)]
            problem = spooler.problem
        assert spooler.append(b"again")

        assert kept == [False, False]
        assert problem == "disk"
        assert spooler.problem is None
        assert Tally(tmp_path / "dropped").value() == 2
        assert sorted(payloads_in(tmp_path)) == [bytes(100), b"again"]

    def test_keeps_no_more_than_its_limit(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writer, "SEGMENT_BYTES", 1)
        monkeypatch.setattr(writer, "_MEASURE_SECONDS", 0.0)
        spooler = Writer(tmp_path, sync=False, limit_bytes=250)

        kept = [spooler.append(bytes(92)) for _ in range(5)]
        problem = spooler.problem
        for path in tmp_path.glob("*.closed"):
            path.unlink()

        assert kept == [True, True, True, False, False]
        assert problem == "limit"
        assert spooler.append(b"again")

    def test_survives_that_its_directory_is_removed(self, tmp_path: Path) -> None:
        directory = tmp_path / "spool"
        spooler = Writer(directory, sync=False, limit_bytes=LIMIT)
        spooler.append(b"before")
        for path in directory.iterdir():
            path.unlink()
        directory.rmdir()

        assert spooler.append(b"after")
        assert payloads_in(directory) == [b"after"]


class TestAppend:
    def test_drops_with_a_count_by_default(
        self, spool_directory: Path, settings
    ) -> None:
        settings.AUDIT_SPOOL_LIMIT = -1

        spool.append(make_record())

        assert spool.state().dropped == 1
        assert spool.state().problem == "limit"

    def test_refuses_when_the_installation_wants_all_or_nothing(
        self, spool_directory: Path, settings
    ) -> None:
        settings.AUDIT_SPOOL_LIMIT = -1
        settings.AUDIT_WHEN_FULL = "refuse"

        with pytest.raises(spool.SpoolRefusedError):
            spool.append(make_record())


class TestState:
    def test_is_empty_before_the_first_decision(self, spool_directory: Path) -> None:
        state = spool.state()

        assert (state.n_bytes, state.n_segments, state.oldest_seconds) == (0, 0, 0.0)
        assert not state.is_degraded

    def test_tells_what_waits(self, spool_directory: Path) -> None:
        spool.append(make_record())

        state = spool.state()

        assert state.n_segments == 1
        assert state.n_bytes > 1_000
        assert 0 <= state.oldest_seconds < 60
        assert not state.is_degraded

    def test_is_degraded_when_nobody_drains(
        self, spool_directory: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("audit.spool.condition.BEHIND_SECONDS", -1.0)
        spool.append(make_record())

        assert spool.state().problem == "behind"


def test_a_segment_that_is_closed_while_looked_for_is_counted(
    spool_directory: Path,
) -> None:
    spool.append(make_record())
    (seen,) = places.segments(spool_directory)

    assert segment.take_over(Path(seen.path)) is not None

    examined = places.examine(seen)
    assert examined is not None
    assert examined.st_size > 0
