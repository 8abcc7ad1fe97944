"""What ranking tells Prometheus."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import count as count_from

from prometheus_client import Counter, Histogram

_SECONDS = (
    0.0005,
    0.001,
    0.002,
    0.003,
    0.005,
    0.0075,
    0.01,
    0.015,
    0.025,
    0.05,
    0.1,
    1,
)

REQUEST_SECONDS = Histogram(
    "recsys_ranking_seconds",
    "Time to answer a ranking request, without the web server.",
    ["route"],
    buckets=_SECONDS,
)
STAGE_SECONDS = Histogram(
    "recsys_ranking_stage_seconds",
    "Time that each stage of a ranking request took.",
    ["stage"],
    buckets=_SECONDS,
)
DEGRADED = Counter(
    "recsys_ranking_degraded_total",
    "Answers that had to leave something out, by what was missing.",
    ["missing"],
)
CANDIDATES = Counter(
    "recsys_ranking_candidates_total",
    "Candidates that each source gave, estimated from every 16th answer.",
    ["source"],
)
ANSWERED_ITEMS = Counter(
    "recsys_ranking_items_total", "Items in answers to ranking requests."
)
EMPTY_ANSWERS = Counter(
    "recsys_ranking_empty_total", "Answers without any item, by route.", ["route"]
)

_STAGES = ("history", "rank")
# Every so many answers stand for the others in what has ten numbers an answer.
_SAMPLE = 16
_answers = count_from(0)
# Looking a label up costs more than counting.
_request_seconds = cache(REQUEST_SECONDS.labels)
_stage_seconds = cache(STAGE_SECONDS.labels)
_candidates = cache(CANDIDATES.labels)


def count(
    route: str,
    *,
    seconds: float,
    stages_ns: Mapping[str, int],
    missing: Iterable[str],
    sources: Mapping[str, int],
    items: int,
) -> None:
    """Count one answer."""
    _request_seconds(route).observe(seconds)
    ANSWERED_ITEMS.inc(items)
    if not items:
        EMPTY_ANSWERS.labels(route).inc()
    for word in missing:
        DEGRADED.labels(word).inc()
    for stage in _STAGES:
        _stage_seconds(stage).observe(stages_ns.get(stage, 0) / 1e9)
    if next(_answers) % _SAMPLE == 0:
        for source, brought in sources.items():
            _candidates(source).inc(brought * _SAMPLE)
