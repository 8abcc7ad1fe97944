"""What the API tells Prometheus, on every process."""

from __future__ import annotations

from functools import cache

from prometheus_client import Counter

REQUESTS = Counter(
    "recsys_api_requests_total",
    "Requests to /v1, by view, method and status of the answer.",
    ["view", "method", "status"],
)
# Looking a label up costs more than counting.
count_request = cache(REQUESTS.labels)
