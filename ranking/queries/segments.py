"""The segments that requests are put into."""

from __future__ import annotations

from catalog.models import Namespace
from ranking.models import Segment


def segments_in_use(namespace: Namespace) -> list[str]:
    """Return the names of the segments that are not switched off."""
    rows = Segment.objects.filter(namespace=namespace, active=True)
    return list(rows.order_by("segment_id").values_list("segment_id", flat=True))
