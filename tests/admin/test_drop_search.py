"""Drops that no index knows are found by looking through every trace of a window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
import pytest

from audit import spool
from audit.core.columns import Columns
from audit.core.record import Drops
from audit.operations import drain_now
from audit.operations.drop_search import KIND, execute_drop_search
from audit.spool import writer
from catalog.models import Item, Run
from catalog.operations.runs import LeasedHandle
from catalog.tenancy import org_scope
from tests.factories.audit import make_record, new_decision_id

from .conftest import LogIn, Shops

NOW = datetime.now(UTC)
ADDRESS = "/admin/audit/decision/drops/"


@pytest.fixture
def lamp(shops: Shops, tmp_path: Path, settings: Any) -> Any:
    settings.FILES_ROOT = tmp_path
    with org_scope(shops.ours.org_id):
        yield Item.objects.get(item_id="lamp")
    writer.flush()


def decide(lamp: Item, *, hours_ago: int, reason: str | None) -> str:
    at = NOW - timedelta(hours=hours_ago)
    decision_id = new_decision_id(at_ms=int(at.timestamp() * 1000))
    record = make_record(
        org_id=lamp.org_id.bytes,
        namespace_id=lamp.namespace_id,
        decision_id=decision_id,
        n_drops=0,
    )
    if reason is not None:
        table = {"number": np.array([lamp.pk]), "reason": np.array([0])}
        drops = Drops(reasons=[reason], columns=Columns(table))
        record = msgspec.structs.replace(
            record, trace=msgspec.structs.replace(record.trace, drops=drops)
        )
    spool.append(record)
    return str(UUID(bytes=decision_id))


def test_a_merchandiser_has_every_trace_looked_through(
    lamp: Item,
    log_in: LogIn,
) -> None:
    sold_out = decide(lamp, hours_ago=5, reason="out_of_stock")
    bought = decide(lamp, hours_ago=3, reason="already_bought")
    decide(lamp, hours_ago=2, reason=None)
    decide(lamp, hours_ago=24 * 9, reason="out_of_stock")
    drain_now(clock=lambda: NOW)
    staff = log_in("merchandiser")

    listed = staff.get("/admin/audit/decision/?dropped=lamp").content.decode()
    answer = staff.post(ADDRESS, {"dropped": "lamp"})
    waiting = staff.get(answer["Location"]).content.decode()
    run = Run.unscoped.get(kind=KIND)
    outcome = execute_drop_search(LeasedHandle(run))
    Run.unscoped.filter(pk=run.pk).update(result=outcome.result)
    found = staff.get(answer["Location"]).content.decode()

    assert "Look through every trace" in listed
    assert "Still looking" in waiting
    assert "Dropped in 2 of 3 answers" in found
    assert "Sold out" in found
    assert "Bought already" in found
    assert found.index(bought) < found.index(sold_out)


def test_a_viewer_starts_none_and_an_unknown_item_is_said(
    lamp: Item,
    log_in: LogIn,
) -> None:
    assert log_in("viewer").post(ADDRESS, {"dropped": "lamp"}).status_code == 403
    staff = log_in("merchandiser")

    page = staff.post(ADDRESS, {"dropped": "nothing"}, follow=True).content.decode()

    assert "The catalog has no item nothing." in page
    assert not Run.unscoped.filter(kind=KIND).exists()
