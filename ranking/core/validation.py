"""Say what a request would use, without ranking anything."""

from __future__ import annotations

from typing import Any

from .inputs import Inputs
from .knobs import to_document
from .meet import meet


def what_would_be_used(inputs: Inputs) -> dict[str, Any]:
    """Return profile, segment and knobs of a request, with the layer of each.

    Raises
    ------
    KnobError, UnknownProfileError
        As :func:`~ranking.core.pipeline.rank` would.
    """
    shopper, resolved = meet(inputs)
    profile = inputs.plan.profile_of(inputs.request)
    changed = {name: getattr(resolved.knobs, name) for name in resolved.sources}
    return {
        "profile": None
        if profile is None
        else {"name": profile.name, "version": profile.version},
        "segment_id": shopper.match.segment_id,
        "segment_rule_id": shopper.match.rule_id,
        "segment_profile_id": shopper.match.profile_id,
        "is_new_user": shopper.is_new,
        "recent_event_count": shopper.event_count,
        "knobs": resolved.value_layers(),
        "changed": to_document(changed),
        "unknown_items": _unknown_items(inputs),
        "rules": [],
        "warnings": list(resolved.warnings),
    }


def _unknown_items(inputs: Inputs) -> list[str]:
    request = inputs.request
    named = [item.item_id for item in request.items or ()]
    named += request.constraints.exclude_item_ids
    return [item_id for item_id in named if inputs.world.row_of_id(item_id) < 0]
