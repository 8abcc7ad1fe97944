"""A ranking call in canonical form: defaults filled in, every part checked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from catalog.api.errors import ApiError
from catalog.api.parameters import clean_name
from catalog.core.faults import BadInputError, Fault, refuse
from catalog.core.moments import microseconds
from catalog.core.text import is_id
from ranking.core.request import DEFAULT_K, Blend, Constraints, Prefetched, Request

from .bodies import (
    DEFAULT_NAMESPACE,
    MAX_K,
    MAX_RERANK_ITEMS,
    BlendBody,
    ConstraintsBody,
    RankingBody,
    RerankBody,
    RerankItem,
)

MAX_LISTED = 1_000
_MAX_SURFACE = 100
_NO_CONSTRAINTS = Constraints()


def recommendation(body: RankingBody) -> Request:
    """Return the request; raise 400 naming what is wrong."""
    return _request(body, k=_k(body.k))


def rerank(body: RerankBody) -> Request:
    """Return the request over the caller's own items, `k` of them at most."""
    items = _items(body.items)
    asked = _k(body.k) if body.k is not None and body.k > 0 else len(items)
    return msgspec.structs.replace(
        _request(body, k=min(asked, len(items), MAX_K)), items=items
    )


def _request(body: RankingBody, *, k: int) -> Request:
    context = body.context or {}
    return Request(
        namespace=clean_name(body.namespace or DEFAULT_NAMESPACE),
        surface=_surface(body.surface, context),
        user_id=_user(body.user_id),
        k=k,
        constraints=_constraints(body.constraints)
        if body.constraints
        else _NO_CONSTRAINTS,
        blend=_blend(body.blend) if body.blend else None,
        overrides=body.overrides or {},
        context=context,
        profile=body.profile or None,
        include_reasons=bool(body.include_reasons),
        explain_level=body.explain_level or "tags",
    )


def _k(k: int | None) -> int:
    if k is None or k <= 0:
        return DEFAULT_K
    if k > MAX_K:
        raise ApiError(
            "invalid_k",
            f"k may be at most {MAX_K}, not {k}.",
            details={"field": "k", "limit": MAX_K, "value": k},
        )
    return k


def _user(user_id: str | None) -> str | None:
    if not user_id:
        return None
    if not is_id(user_id):
        raise refuse(
            "invalid_user_id",
            "user_id has at most 256 bytes and no control characters.",
            field="user_id",
        )
    return user_id


def _surface(surface: str | None, context: dict[str, Any]) -> str | None:
    found = surface or context.get("surface") or None
    if found is None:
        return None
    if not isinstance(found, str) or len(found) > _MAX_SURFACE or not is_id(found):
        raise refuse(
            "invalid_surface",
            f"A surface is a name of at most {_MAX_SURFACE} characters.",
            field="surface" if surface else "context.surface",
        )
    return found


def _blend(body: BlendBody) -> Blend:
    weights = (body.pop, body.cooc, body.als)
    pop, cooc, als = (None if each is None else max(each, 0.0) for each in weights)
    return Blend(pop=pop, cooc=cooc, als=als)


def _constraints(body: ConstraintsBody) -> Constraints:
    low, high = _prices(body.price_between or [])
    return Constraints(
        include_tags_any=_tags(body.include_tags_any or []),
        exclude_item_ids=_excluded(body.exclude_item_ids or []),
        price_min=low,
        price_max=high,
        created_after_us=_created_after(body.created_after),
    )


def _tags(tags: list[str]) -> tuple[str, ...]:
    _limit("constraints.include_tags_any", tags)
    cleaned = (tag.strip().lower() for tag in tags)
    return tuple(dict.fromkeys(tag for tag in cleaned if tag))


def _excluded(ids: list[str]) -> tuple[str, ...]:
    _limit("constraints.exclude_item_ids", ids)
    return tuple(dict.fromkeys(ids))


def _limit(field: str, values: list[str]) -> None:
    if len(values) > MAX_LISTED:
        raise ApiError(
            "too_many_values",
            f"{field} may hold at most {MAX_LISTED} values.",
            details={"field": field, "limit": MAX_LISTED},
        )


def _prices(prices: list[float | None]) -> tuple[float | None, float | None]:
    low, high = (*prices, None, None)[:2]
    backwards = low is not None and high is not None and low > high
    if len(prices) > 2 or backwards:
        raise refuse(
            "invalid_price_between",
            "price_between is [min, max], min not above max; null leaves a side open.",
            field="constraints.price_between",
        )
    return low, high


def _created_after(text: str | None) -> int | None:
    if not text:
        return None
    try:
        moment = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        raise refuse(
            "invalid_created_after",
            "created_after must be an RFC 3339 time with a zone.",
            field="constraints.created_after",
        ) from None
    if moment.tzinfo is None:
        raise refuse(
            "invalid_timestamp",
            "created_after has no zone, and none is guessed.",
            field="constraints.created_after",
        )
    return microseconds(moment)


def _items(sent: list[RerankItem]) -> tuple[Prefetched, ...]:
    if not sent:
        raise refuse("empty_items", "Send the items to rank.", field="items")
    if len(sent) > MAX_RERANK_ITEMS:
        raise ApiError(
            "too_many_items",
            f"At most {MAX_RERANK_ITEMS} items can be ranked in one call.",
            details={"field": "items", "limit": MAX_RERANK_ITEMS},
        )
    first: dict[str, Prefetched] = {}
    for each in sent:
        if each.item_id and is_id(each.item_id):
            first.setdefault(each.item_id, Prefetched(each.item_id, each.score))
    if not first:
        raise BadInputError(
            [
                Fault(
                    code="invalid_items",
                    message="None of the items has a valid id.",
                    field="items[0].item_id",
                    index=0,
                )
            ]
        )
    return tuple(first.values())
