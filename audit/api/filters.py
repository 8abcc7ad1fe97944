"""What a client asks to see of a namespace's decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct, field
from rest_framework.request import Request

from audit.pseudonyms import hashes_of
from audit.queries import DecisionFilter
from catalog.api import parameters
from catalog.core.faults import refuse
from catalog.core.pages import DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET
from catalog.models import Item, Namespace

_Moment = Annotated[datetime, Meta(tz=True)]
_Limit = Annotated[int, Meta(ge=1, le=MAX_LIMIT)]
_Offset = Annotated[int, Meta(ge=0, le=MAX_OFFSET)]
_HASH_CHARACTERS = 64


class SearchBody(Struct, kw_only=True):
    """Conditions that all hold; what is absent is no condition."""

    namespace: str = ""
    from_: _Moment | None = field(default=None, name="from")
    to: _Moment | None = None
    user_hash: str | None = None
    user_id: Annotated[str | None, Meta(description="Hashed by the server.")] = None
    request_id: str | None = None
    item_id: Annotated[str | None, Meta(description="An item in the answer.")] = None
    rule_id: UUID | None = None
    surface: str | None = None
    degraded: bool | None = None
    limit: _Limit = DEFAULT_LIMIT
    offset: _Offset = 0
    cursor: UUID | None = None


def search_of(request: Request) -> SearchBody:
    """Return the query parameters of a list as if they had been sent as a body."""
    sent = request.query_params
    return SearchBody(
        namespace=parameters.required_namespace(request),
        from_=parameters.moment(request, "from"),
        to=parameters.moment(request, "to"),
        user_hash=parameters.text(request, "user_hash"),
        user_id=parameters.text(request, "user_id"),
        request_id=parameters.text(request, "request_id"),
        item_id=parameters.text(request, "item_id"),
        rule_id=_uuid(request, "rule_id"),
        surface=parameters.text(request, "surface"),
        degraded=parameters.flag(request, "degraded") if "degraded" in sent else None,
        limit=parameters.whole_number(
            request, "limit", default=DEFAULT_LIMIT, low=1, high=MAX_LIMIT
        ),
        offset=parameters.whole_number(
            request, "offset", default=0, low=0, high=MAX_OFFSET
        ),
        cursor=_uuid(request, "cursor"),
    )


def filter_of(search: SearchBody, *, namespace: Namespace) -> DecisionFilter | None:
    """Return the filter, or None when nothing can match it."""
    item_number = None
    if search.item_id is not None:
        item_number = _item_number(namespace, search.item_id)
        if item_number is None:
            return None
    return DecisionFilter(
        since=search.from_,
        until=search.to,
        user_hashes=_user_hashes(search, namespace=namespace),
        request_id=search.request_id,
        item_number=item_number,
        rule_id=search.rule_id,
        surface=search.surface,
        degraded=search.degraded,
    )


def _item_number(namespace: Namespace, item_id: str) -> int | None:
    found = Item.objects.filter(namespace=namespace, item_id=item_id)
    return found.values_list("pk", flat=True).first()


def _user_hashes(search: SearchBody, *, namespace: Namespace) -> list[bytes] | None:
    if search.user_id is not None:
        return hashes_of(
            namespace.org_id, namespace_id=namespace.pk, user_id=search.user_id
        )
    if search.user_hash is None:
        return None
    try:
        if len(search.user_hash) == _HASH_CHARACTERS:
            return [bytes.fromhex(search.user_hash)]
    except ValueError:
        pass
    raise refuse(
        "invalid_user_hash",
        f"user_hash has {_HASH_CHARACTERS} hexadecimal digits.",
        field="user_hash",
    )


def _uuid(request: Request, name: str) -> UUID | None:
    value = request.query_params.get(name)
    if not value:
        return None
    try:
        return UUID(value)
    except ValueError:
        raise refuse(f"invalid_{name}", f"{name} must be a UUID.", field=name) from None
