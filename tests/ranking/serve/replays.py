"""Stored decisions, and the answers that they give when they are replayed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from audit import spool
from audit.models import Decision
from audit.operations import drain_now
from audit.queries.decisions import get_decision
from catalog.tenancy import org_scope
from ranking.queries.decided import Decided, decided
from ranking.serve import replay
from tests.ranking.shops import Shop


def stored(shop: Shop, answer: Mapping[str, Any]) -> Decided:
    """Return what the database holds of an answer, once it was drained."""
    spool.flush()
    drain_now(clock=timezone.now)
    with org_scope(shop.org_id):
        return decided(decision_of(answer))


def decision_of(answer: Mapping[str, Any]) -> Decision:
    decision = get_decision(UUID(answer["decision_id"]))
    assert decision is not None
    return decision


def replayed_digest(shop: Shop, kept: Decided) -> bytes:
    """Return the digest of the answer ranked again."""
    with org_scope(shop.org_id):
        return replay(kept.decision, wall_us=0).digest
