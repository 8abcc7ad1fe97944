from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID

import msgspec
import pytest
from structlog.testing import capture_logs

from audit import spool
from audit.core import codec
from audit.core.frames import frame
from audit.core.integrity import FIRST_DIGEST, ROW_BYTES
from audit.models import AuditBatch, Decision, DecisionPrivate
from audit.operations import drain_now
from audit.operations.damaged import drop_damaged, set_aside
from audit.operations.drain import Drainer, patiently
from audit.spool import places
from audit.spool.condition import drained_tally
from catalog.tenancy import org_scope
from tests.factories.audit import ORG, make_record

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def drain() -> int:
    return drain_now(clock=lambda: NOON)


def stored_ids() -> set[bytes]:
    ids = Decision.unscoped.values_list("decision_id", flat=True)
    return {decision_id.bytes for decision_id in ids}


class TestDraining:
    def test_stores_what_was_answered_as_it_was(self, spool_directory: Path) -> None:
        record = make_record(dropped=(5, 6), degraded=("no_history",), arm="b")
        spool.append(record)

        assert drain() == 1

        with org_scope(ORG):
            decision = Decision.objects.get()
            private = DecisionPrivate.objects.get()
        assert decision.decision_id.bytes == record.header.decision_id
        assert decision.items == record.trace.items.columns["number"].tolist()
        assert decision.dropped == [5, 6]
        assert decision.degraded == ["no_history"]
        assert decision.user_hash == record.header.user_hash
        assert decision.trace is not None
        assert codec.open_trace(bytes(decision.trace)).request == record.trace.request
        assert codec.open_private(bytes(private.content)) == record.private

    def test_leaves_nothing_behind(self, spool_directory: Path) -> None:
        spool.append(make_record())

        drain()

        assert spool.state().n_segments == 0
        assert spool.state().drained == 1
        assert drain() == 0

    def test_stores_once_what_comes_twice(self, spool_directory: Path) -> None:
        record = make_record()
        spool.append(record)
        spool.append(record)
        drain()
        spool.append(record)

        assert drain() == 0

        assert Decision.unscoped.count() == 1
        assert AuditBatch.unscoped.count() == 1

    def test_keeps_orgs_apart(self, spool_directory: Path) -> None:
        other = UUID(int=2)
        mine, theirs = make_record(), make_record(org_id=other.bytes)
        for record in (mine, theirs):
            spool.append(record)

        drain()

        with org_scope(other):
            assert Decision.objects.get().decision_id.bytes == theirs.header.decision_id
            assert AuditBatch.objects.get().number == 1

    def test_chains_batches_of_an_org(self, spool_directory: Path) -> None:
        for _ in range(2):
            spool.append(make_record())
            spool.append(make_record())
            drain()

        first, second = AuditBatch.unscoped.order_by("number")
        assert (first.number, second.number) == (1, 2)
        assert bytes(first.previous_digest) == FIRST_DIGEST
        assert bytes(second.previous_digest) == bytes(first.digest)
        assert len(second.rows or b"") == 2 * ROW_BYTES
        assert set(Decision.unscoped.values_list("batch_number", flat=True)) == {1, 2}

    def test_drops_a_torn_record_and_keeps_those_before(
        self, spool_directory: Path
    ) -> None:
        whole, torn = make_record(), make_record()
        spool.append(whole)
        spool.flush()
        (segment,) = spool_directory.glob("*.closed")
        with segment.open("ab") as file:
            file.write(frame(codec.encode(torn))[:-1])

        drain()

        assert stored_ids() == {whole.header.decision_id}
        assert not list(spool_directory.glob("*.damaged"))

    def test_sets_a_damaged_rest_aside(self, spool_directory: Path) -> None:
        for _ in range(2):
            spool.append(make_record())
        spool.flush()
        (segment,) = spool_directory.glob("*.closed")
        data = bytearray(segment.read_bytes())
        data[-1] ^= 1
        segment.write_bytes(data)

        assert drain() == 1

        (aside,) = spool_directory.glob("*.damaged")
        assert data.endswith(aside.read_bytes())

    @pytest.mark.parametrize(
        "fault", [{"surface": "home\0"}, {"k": 100_000}, {"decision_id": bytes(16)}]
    )
    def test_sets_an_unfit_record_aside_and_stores_its_neighbours(
        self, spool_directory: Path, fault: dict[str, Any]
    ) -> None:
        unfit = make_record()
        unfit = msgspec.structs.replace(
            unfit, header=msgspec.structs.replace(unfit.header, **fault)
        )
        good = [make_record(), make_record()]
        for record in (good[0], unfit, good[1]):
            spool.append(record)

        drain()

        assert stored_ids() == {record.header.decision_id for record in good}
        assert len(list(spool_directory.glob("*.damaged"))) == 1
        assert spool.state().n_segments == 0

    def test_takes_an_idle_segment_over_after_half_a_second(
        self, spool_directory: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = 100.0
        monkeypatch.setattr("audit.operations.drain.time.monotonic", lambda: now)
        drainer = Drainer(spool_directory, clock=lambda: NOON)
        spool.append(make_record())

        assert drainer.drain() == 0
        now += 0.4
        assert drainer.drain() == 0
        now += 0.2
        assert drainer.drain() == 1

        spool.append(make_record())
        assert drain() == 1

    def test_counts_across_drainers(self, spool_directory: Path) -> None:
        for n_records in (1, 2):
            for _ in range(n_records):
                spool.append(make_record())
            drain()

        assert drained_tally(spool_directory).value() == 3

    def test_drops_what_was_set_aside_after_a_month(
        self, spool_directory: Path
    ) -> None:
        spool_directory.mkdir(parents=True)
        aside = spool_directory / "1-2-3.damaged"
        set_aside(spool_directory / "1-2-3.closed", b"torn")
        written = datetime.fromtimestamp(aside.stat().st_mtime, UTC)

        assert drop_damaged(at=written + timedelta(days=29)) == 0
        assert drop_damaged(at=written + timedelta(days=31)) == 1
        assert not aside.exists()


def test_what_cannot_be_read_ends_no_drainer_and_holds_up_nothing_for_good(
    spool_directory: Path,
) -> None:
    spool.append(make_record())
    spool.flush()
    stop = Event()
    stop.set()
    odd = spool_directory / "0.closed"
    odd.mkdir()
    drainer = Drainer(spool_directory, clock=lambda: NOON)

    with capture_logs() as logs:
        assert patiently(drainer.drain, stop=stop) == 0
    odd.rmdir()

    assert [each["event"] for each in logs] == ["drain_failed"]
    assert patiently(drainer.drain, stop=stop) == 1


def test_a_segment_that_somebody_else_drained_is_passed_over(
    spool_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.append(make_record())
    spool.flush()
    (segment,) = spool_directory.glob("*.closed")
    listed = [*places.segments(spool_directory)]
    segment.unlink()
    monkeypatch.setattr(places, "segments", lambda _: iter(listed))

    assert Drainer(spool_directory, clock=lambda: NOON).drain() == 0
