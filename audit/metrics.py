"""The spool as Prometheus sees it.

The drainer is a process of its own without a port, so everything here is read
from the host's spool directory when asked for, and says the same in every process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from prometheus_client import REGISTRY
from prometheus_client import Counter as CounterMetric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from audit import spool
from audit.core.feedback import FeedbackIn
from audit.spool import feedback_tally as tally

RECEIVED = CounterMetric(
    "recsys_feedback_received_total",
    "Feedback that clients sent, by what it says. Events come beside it.",
    ["kind"],
)


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


class FeedbackCollector(Collector):
    """What workers of this host judged, which have no port of their own."""

    def collect(self) -> Iterator[Metric]:
        counted = CounterMetricFamily(
            "recsys_feedback_counted",
            "Feedback that counts, by what was said.",
            labels=["kind"],
        )
        for kind in tally.COUNTED:
            counted.add_metric([kind], tally.read(kind))
        left_out = CounterMetricFamily(
            "recsys_feedback_left_out",
            "Feedback that does not count, by why.",
            labels=["why"],
        )
        for why in tally.LEFT_OUT:
            left_out.add_metric([why], tally.read(why))
        yield counted
        yield left_out


def count_received(rows: Iterable[FeedbackIn]) -> None:
    """Count feedback that a client sent."""
    for kind, number in Counter(row.kind for row in rows).items():
        RECEIVED.labels(kind).inc(number)


def register(registry: CollectorRegistry = REGISTRY) -> None:
    """Add the spool and feedback to what /metrics tells. Once per process."""
    registry.register(SpoolCollector())
    registry.register(FeedbackCollector())
