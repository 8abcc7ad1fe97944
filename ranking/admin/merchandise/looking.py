"""Both pages of a step, ranked by the engine that serves."""

from __future__ import annotations

from catalog.core.moments import microseconds
from ranking.queries.configurations import with_rule_changes
from ranking.serve.previews import Pages, preview_pages, without_rules
from ranking.serve.served import current

from .asked import Asked


def look(asked: Asked) -> Pages:
    """Rank the page as it is served, and as the draft would have it."""
    target, namespace = asked.target, asked.namespace
    changes = asked.changes
    draft = None
    if changes or asked.off:
        # What serves has read all rules already: ten thousand are not read again for
        # each step.
        served = current(namespace).plan.configuration
        draft = without_rules(with_rule_changes(served, changes), asked.off)
    return preview_pages(
        namespace,
        target.request(namespace),
        wall_us=microseconds(asked.moment),
        segment=target.segment,
        draft=draft,
    )
