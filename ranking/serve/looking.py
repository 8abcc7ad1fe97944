"""Ranking that nobody is shown: previews, checks of a request, items like one."""

from __future__ import annotations

from typing import Any

import msgspec

from catalog.models import Namespace
from ranking.core.configuration import Configuration
from ranking.core.layers import Plan
from ranking.core.request import Request
from ranking.core.similar import SimilarItem, similar_items
from ranking.core.validation import what_would_be_used

from .answering import inputs_of, rank_now
from .call import Answer, Call
from .served import current


def preview(
    namespace: Namespace,
    request: Request,
    *,
    wall_us: int,
    at_us: int | None = None,
    draft: Configuration | None = None,
) -> Answer:
    """Rank as the namespace would now, without a trace and without exploration.

    With a draft (`ranking.queries.configurations.compose`) as if it were published;
    with a moment as if it were then.
    """
    call = Call(
        namespace=namespace,
        request=msgspec.structs.replace(request, include_reasons=True),
        wall_us=wall_us,
        at_us=at_us,
        route="preview",
        is_dry=True,
    )
    plan = None if draft is None else Plan.of(draft)
    return rank_now(call, served=current(namespace), plan=plan)


def validate(namespace: Namespace, request: Request, *, wall_us: int) -> dict[str, Any]:
    """Return what a request would use, and what of it is doubtful."""
    call = Call(
        namespace=namespace,
        request=request,
        wall_us=wall_us,
        route="validate",
    )
    found = what_would_be_used(inputs_of(call, served=current(namespace)).inputs)
    return msgspec.convert(msgspec.to_builtins(found), dict[str, Any])


def similar(namespace: Namespace, item_id: str, *, k: int) -> list[SimilarItem] | None:
    """Return the items most like one; None when it is unknown."""
    world = current(namespace).world
    row = world.row_of_id(item_id)
    return None if row < 0 else similar_items(world, row, k=k)
