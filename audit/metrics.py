"""The spool as Prometheus sees it.

The drainer is a process of its own without a port, so everything here is read
from the host's spool directory when asked for, and says the same in every process.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from audit import spool


class SpoolCollector(Collector):
    def collect(self) -> Iterator[Metric]:
        state = spool.state()
        yield GaugeMetricFamily(
            "audit_spool_bytes",
            "Decisions that wait for the database on this host, in bytes.",
            value=state.n_bytes,
        )
        yield GaugeMetricFamily(
            "audit_spool_segments",
            "Files that wait for the database on this host.",
            value=state.n_segments,
        )
        yield GaugeMetricFamily(
            "audit_spool_oldest_seconds",
            "Age of what has waited longest for the database on this host.",
            value=state.oldest_seconds,
        )
        yield GaugeMetricFamily(
            "audit_spool_degraded",
            "1 while decisions cannot be kept, or wait for too long.",
            value=float(state.is_degraded),
        )
        yield CounterMetricFamily(
            "audit_decisions_drained",
            "Decisions of this host that went to the database.",
            value=state.drained,
        )
        yield CounterMetricFamily(
            "audit_decisions_dropped",
            "Decisions of this host that could not be kept.",
            value=state.dropped,
        )


def register(registry: CollectorRegistry = REGISTRY) -> None:
    """Add the spool to what /metrics tells. Once per process."""
    registry.register(SpoolCollector())
