"""What guardrails tell Prometheus."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import Counter

GUARDRAIL_FAILURES = Counter(
    "policy_guardrail_failures_total",
    "Checks that found a guardrail broken, by namespace and guardrail.",
    ["namespace", "guardrail"],
)


def count_failures(namespace: str, broken: Iterable[str]) -> None:
    for guardrail in broken:
        GUARDRAIL_FAILURES.labels(namespace, guardrail).inc()
