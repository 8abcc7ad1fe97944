"""The demo shop's first visitors: answered by the engine that serves, and clicking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from math import log2
from typing import NamedTuple

import numpy as np

from audit.core.feedback import FeedbackIn
from audit.operations.feedback import store_feedback
from catalog.core.moments import microseconds
from catalog.demo.segments import SEGMENTS
from catalog.models import Item, Namespace, User
from catalog.tenancy import org_scope
from ranking import serve
from ranking.core.request import Request

from .steering import PAGE

VISITS = 240
SHOWN = 12
PAGES = ("home", "pdp", PAGE)
LIKING = 0.5
"""The chance of a click on the first item, of somebody who wants nothing else."""

_SEED = 7
_WANTED = {segment.name: segment.mix for segment in SEGMENTS}


class _Visitor(NamedTuple):
    user_id: str
    segment: str


def let_visitors_in(namespace: Namespace, *, at: datetime) -> int:
    """Answer visitors and note what they click; return how many came."""
    with org_scope(namespace.org_id):
        visitors = _visitors(namespace)
        categories = dict(
            Item.objects.filter(namespace=namespace).values_list("item_id", "category")
        )
    rng = np.random.default_rng(_SEED)
    rows: list[FeedbackIn] = []
    for number in range(VISITS):
        visitor = visitors[rng.integers(len(visitors))]
        request = Request(
            namespace=namespace.name,
            surface=PAGES[number % len(PAGES)],
            user_id=visitor.user_id,
            k=SHOWN,
        )
        call = serve.Call(
            namespace=namespace, request=request, wall_us=microseconds(at)
        )
        rows += _reactions(serve.answer(call), visitor, categories, rng=rng)
    with org_scope(namespace.org_id):
        store_feedback(namespace, rows, at=at)
    return VISITS


def _visitors(namespace: Namespace) -> list[_Visitor]:
    users = User.objects.filter(namespace=namespace, listed=True).order_by("user_id")
    return [
        _Visitor(user.user_id, str(user.traits.get("segment", ""))) for user in users
    ]


def _reactions(
    answer: serve.Answer,
    visitor: _Visitor,
    categories: Mapping[str, str | None],
    *,
    rng: np.random.Generator,
) -> Iterator[FeedbackIn]:
    """Yield what a visitor sees, and what that one clicks: liked, and near the top."""
    if answer.decision_id is None:
        return
    wanted = _WANTED.get(visitor.segment, {})
    most = max(wanted.values(), default=1.0)
    for rank, item_id in enumerate(answer.ranking.item_ids, start=1):
        yield FeedbackIn(
            decision_id=answer.decision_id, kind="impression", item_id=item_id
        )
        liking = wanted.get(categories.get(item_id) or "", 0.0) / most
        if rng.random() < LIKING * liking / log2(rank + 1) ** 2:
            yield FeedbackIn(
                decision_id=answer.decision_id, kind="click", item_id=item_id
            )
