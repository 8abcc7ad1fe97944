"""Stored decisions in the form that their digests were taken of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from audit.core.codec import Envelope
from audit.core.record import Header
from audit.models import Decision

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def envelope_of(decision: Decision) -> Envelope:
    """Return a row as it came from the spool, without its private part."""
    same = {name: getattr(decision, name) for name in _SAME}
    return Envelope(
        header=Header(
            **same,
            decision_id=decision.decision_id.bytes,
            org_id=decision.org_id.bytes,
            user_hash=None if decision.user_hash is None else bytes(decision.user_hash),
            at_us=(decision.at - _EPOCH) // timedelta(microseconds=1),
            snapshot_hash=bytes(decision.snapshot_hash),
            configuration_hash=bytes(decision.configuration_hash),
            answer_digest=bytes(decision.answer_digest),
            degraded=tuple(decision.degraded),
            dropped=tuple(decision.dropped),
            rule_ids=tuple(rule_id.bytes for rule_id in decision.rule_ids),
            override_ids=tuple(rule_id.bytes for rule_id in decision.override_ids),
        ),
        items=tuple(decision.items),
        trace=b"" if decision.trace is None else bytes(decision.trace),
        private=None,
    )


_SAME = (
    "namespace_id",
    "route",
    "surface",
    "request_id",
    "key_version",
    "k",
    "segment",
    "profile",
    "profile_version",
    "model_version",
    "change_number",
    "engine_version",
    "rung",
    "arm",
    "latency_us",
)
