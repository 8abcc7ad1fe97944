"""A decision as JSON, for whoever wants to see all of it."""

from __future__ import annotations

from typing import Any

import msgspec

from audit.core.columns import Columns, rows
from audit.core.record import Trace
from audit.models import Decision


def trace_json(decision: Decision, trace: Trace | None) -> bytes:
    """Return the decision and its trace, without anything personal."""
    header = {
        "decision_id": decision.decision_id,
        "answered_at": decision.answered_at,
        "at": decision.at,
        "route": decision.route,
        "surface": decision.surface,
        "request_id": decision.request_id,
        "k": decision.k,
        "segment": decision.segment,
        "profile": decision.profile,
        "profile_version": decision.profile_version,
        "snapshot_hash": bytes(decision.snapshot_hash).hex(),
        "change_number": decision.change_number,
        "configuration_hash": bytes(decision.configuration_hash).hex(),
        "engine_version": decision.engine_version,
        "degraded": decision.degraded,
        "answer_digest": bytes(decision.answer_digest).hex(),
        "latency_us": decision.latency_us,
        "items": decision.items,
    }
    fields = {} if trace is None else msgspec.structs.asdict(trace)
    body = msgspec.json.encode({**header, "trace": fields or None}, enc_hook=_encode)
    return msgspec.json.format(body, indent=2)


def _encode(value: Any) -> Any:
    if isinstance(value, Columns):
        return list(rows(value))
    raise NotImplementedError(f"a trace cannot hold {type(value).__name__}")
