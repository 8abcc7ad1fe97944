"""Rank again what a stored decision ranked, from nothing but what was stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.utils import timezone

from audit import spool
from audit.core.record import Private, Trace
from audit.models import Decision
from audit.operations import drain_now
from audit.queries.decisions import get_decision, get_private, open_trace_of
from catalog.models import Change
from catalog.tenancy import org_scope
from ranking.core.answer import answer_digest
from ranking.core.configuration import decode
from ranking.core.empty import empty_snapshot
from ranking.core.inputs import Inputs
from ranking.core.layers import Plan
from ranking.core.pipeline import ENGINE_VERSION, rank
from ranking.core.request import History, Request
from ranking.core.world import World
from ranking.models import ServingConfig
from ranking.serve.answering import POPULARITY_ONLY
from ranking.serve.overlays import bring_up
from ranking.signals.layout import snapshot_path
from ranking.signals.open import open_snapshot
from tests.ranking.shops import Shop


@dataclass(frozen=True)
class Stored:
    """All that is left of an answer."""

    decision: Decision
    trace: Trace
    private: Private | None


def stored(shop: Shop, answer: Mapping[str, Any]) -> Stored:
    """Return what the database holds of an answer, once it was drained."""
    spool.flush()
    drain_now(clock=timezone.now)
    with org_scope(shop.org_id):
        decision = get_decision(UUID(answer["decision_id"]))
        assert decision is not None
        trace = open_trace_of(decision)
        assert trace is not None
        return Stored(decision, trace, get_private(decision))


def replayed_digest(shop: Shop, kept: Stored) -> bytes:
    """Return the digest of the answer ranked again."""
    decision = kept.decision
    assert decision.engine_version == ENGINE_VERSION
    ranking = rank(inputs_then(shop, kept))
    return answer_digest(ranking, degraded=decision.degraded)


def inputs_then(shop: Shop, kept: Stored) -> Inputs:
    decision = kept.decision
    return Inputs(
        request=_request(kept),
        world=_world(shop, decision),
        history=_history(kept.private),
        plan=_plan(shop, decision),
        at_us=round(decision.at.timestamp() * 1_000_000),
        seed=kept.trace.seed,
        arm=POPULARITY_ONLY if "popularity" in decision.degraded else {},
    )


def _request(kept: Stored) -> Request:
    private = kept.private or Private()
    personal = {"user_id": private.user_id, "context": private.context}
    return msgspec.convert({**kept.trace.request, **personal}, Request)


def _history(private: Private | None) -> History:
    if private is None:
        return History.anonymous()
    read = private.history
    return History(
        event_ids=read["event_id"],
        numbers=read["number"],
        types=read["type"],
        values=read["value"],
        ts_us=read["ts_us"],
        user_number=private.user_number,
        known=private.known,
        traits=private.traits,
    )


def _world(shop: Shop, decision: Decision) -> World:
    snapshot = empty_snapshot()
    digest = bytes(decision.snapshot_hash)
    if digest:
        root = Path(settings.FILES_ROOT)
        snapshot = open_snapshot(snapshot_path(root, decision.namespace_id, digest))
    with org_scope(shop.org_id):
        changes = Change.objects.filter(
            namespace=decision.namespace_id,
            kind="items",
            number__gt=snapshot.change_number,
            number__lte=decision.change_number,
        ).order_by("number")
        packed = [bytes(change.rows or b"") for change in changes]
    return bring_up(World.of(snapshot), packed, number=decision.change_number)


def _plan(shop: Shop, decision: Decision) -> Plan:
    with org_scope(shop.org_id):
        config = ServingConfig.objects.get(
            namespace=decision.namespace_id,
            content_hash=bytes(decision.configuration_hash),
        )
    return Plan.of(decode(bytes(config.document)))
