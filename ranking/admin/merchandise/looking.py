"""Both pages of a step, ranked by the engine that serves."""

from __future__ import annotations

from datetime import UTC, datetime

from ranking.queries.configurations import compose
from ranking.serve.previews import Pages, preview_pages, without_rules

from .asked import Asked

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def look(asked: Asked) -> Pages:
    """Rank the page as it is served, and as the draft would have it."""
    target, namespace = asked.target, asked.namespace
    changes = asked.changes
    draft = None
    if changes or asked.off:
        draft = without_rules(compose(namespace, changes=changes), asked.off)
    return preview_pages(
        namespace,
        target.request(namespace),
        wall_us=microseconds(asked.moment),
        segment=target.segment,
        draft=draft,
    )


def microseconds(at: datetime) -> int:
    return int((at - _EPOCH).total_seconds() * 1_000_000)
