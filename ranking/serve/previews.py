"""A page as it is served, and as it would be with a draft: both by the same engine."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import msgspec

from catalog.models import Namespace
from ranking.core.configuration import Configuration, Segment
from ranking.core.request import Request

from .call import Answer
from .looking import preview
from .served import current


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """One page twice."""

    live: Answer
    draft: Answer
    """The same as `live` without a draft."""

    @property
    def changed_slots(self) -> int:
        """How many positions show another item, or none."""
        ids = self.live.ranking.item_ids, self.draft.ranking.item_ids
        same = sum(one == other for one, other in zip(*ids, strict=False))
        return max(map(len, ids)) - same


def preview_pages(
    namespace: Namespace,
    request: Request,
    *,
    wall_us: int,
    segment: str | None = None,
    live: Configuration | None = None,
    draft: Configuration | None = None,
) -> Pages:
    """Rank a page for a moment, as served and with a draft's configuration.

    With a segment as if whoever asks belonged to it; with a configuration in place of
    the one that is served as if that were.
    """
    if segment is not None:
        live = live or current(namespace).plan.configuration
        live = within_segment(live, segment)
        draft = draft and within_segment(draft, segment)
    answer = preview(namespace, request, wall_us=wall_us, draft=live)
    if draft is None:
        return Pages(live=answer, draft=answer)
    drafted = preview(namespace, request, wall_us=wall_us, draft=draft)
    return Pages(live=answer, draft=drafted)


def within_segment(configuration: Configuration, segment: str) -> Configuration:
    """Return the configuration with one segment, which everybody belongs to."""
    known = {each.segment_id: each for each in configuration.segments}
    alone = known.get(segment, Segment(segment_id=segment))
    everybody = msgspec.structs.replace(alone, rules=())
    return msgspec.structs.replace(configuration, segments=(everybody,))


def without_rules(configuration: Configuration, off: Collection[str]) -> Configuration:
    """Return the configuration as if some rules were paused."""
    if not off:
        return configuration
    return msgspec.structs.replace(
        configuration,
        rules=tuple(rule for rule in configuration.rules if rule.id not in off),
        overrides=tuple(rule for rule in configuration.overrides if rule.id not in off),
    )
