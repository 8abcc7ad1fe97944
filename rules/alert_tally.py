"""Alerts that this host opened and closed: workers have no port to tell it at."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from audit.spool import places
from audit.spool.tally import Tally

CHANGES = ("opened", "recovered")


def add(change: str, kind: str, number: int) -> None:
    directory = places.make_private(places.host_directory())
    Tally(directory / f"alerts-{change}-{kind}").add(number)


class AlertCollector(Collector):
    def collect(self) -> Iterator[Metric]:
        directory = places.host_directory()
        for change in CHANGES:
            family = CounterMetricFamily(
                f"policy_alerts_{change}",
                f"Alerts about rules that were {change} by workers of this host.",
                labels=["kind"],
            )
            prefix = f"alerts-{change}-"
            for path in sorted(directory.glob(f"{prefix}*")):
                kind = path.name.removeprefix(prefix)
                family.add_metric([kind], Tally(path).value())
            yield family


def register(registry: CollectorRegistry = REGISTRY) -> None:
    """Add alerts to what /metrics tells. Once per process."""
    registry.register(AlertCollector())
