"""What a client asks to see of a namespace's decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct, field, structs
from rest_framework.request import Request

from audit.pseudonyms import hashes_of
from audit.queries import DecisionFilter, searched_number, with_window
from catalog.api import parameters
from catalog.api.openapi import query
from catalog.core.faults import refuse
from catalog.core.pages import DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET
from catalog.models import Namespace

_Moment = Annotated[datetime, Meta(tz=True)]
_Limit = Annotated[int, Meta(ge=1, le=MAX_LIMIT)]
_Offset = Annotated[int, Meta(ge=0, le=MAX_OFFSET)]
_HASH_CHARACTERS = 64

FILTERS = [
    query("namespace", "Whose decisions.", required=True),
    query("from", "Answered at this time or later; seven days ago when absent."),
    query("to", "Answered before this time."),
    query("user_hash", "As decisions show it."),
    query("user_id", "Hashed by the server, with every version of the key in use."),
    query("request_id", "Your X-Request-Id."),
    query("item_id", "An item in the answer."),
    query("dropped_item_id", "An item that a rule, override or constraint kept out."),
    query("rule_id", "A rule that took part."),
    query("override_id", "An override that took part."),
    query("surface", "Say home, pdp or cart."),
    query("segment_id", "The segment that the user was in."),
    query("profile_id", "The profile that ranked."),
    query("profile_version", "Its version.", kind=int),
    query("experiment", "All its arms, or experiment/variant."),
    query("degraded", "true: something was left out.", kind=bool),
]


class Conditions(Struct, kw_only=True):
    """Conditions that all hold; what is absent is no condition."""

    namespace: str = ""
    from_: Annotated[
        _Moment | None, Meta(description="Seven days ago when absent.")
    ] = field(default=None, name="from")
    to: _Moment | None = None
    user_hash: str | None = None
    user_id: Annotated[str | None, Meta(description="Hashed by the server.")] = None
    request_id: str | None = None
    item_id: Annotated[str | None, Meta(description="An item in the answer.")] = None
    dropped_item_id: Annotated[
        str | None,
        Meta(description="An item that a rule, override or constraint kept out."),
    ] = None
    rule_id: UUID | None = None
    override_id: UUID | None = None
    surface: str | None = None
    segment_id: str | None = None
    profile_id: str | None = None
    profile_version: Annotated[int, Meta(ge=0, lt=2**31)] | None = None
    experiment: Annotated[
        str | None, Meta(description="All its arms, or experiment/variant.")
    ] = None
    degraded: bool | None = None


class SearchBody(Conditions, kw_only=True):
    """What to look for, and which page of it."""

    limit: _Limit = DEFAULT_LIMIT
    offset: _Offset = 0
    cursor: UUID | None = None


def search_of(request: Request) -> SearchBody:
    """Return the query parameters of a list as if they had been sent as a body."""
    return SearchBody(
        **structs.asdict(conditions_of(request)),
        limit=parameters.whole_number(
            request, "limit", default=DEFAULT_LIMIT, low=1, high=MAX_LIMIT
        ),
        offset=parameters.whole_number(
            request, "offset", default=0, low=0, high=MAX_OFFSET
        ),
        cursor=_uuid(request, "cursor"),
    )


def conditions_of(request: Request) -> Conditions:
    """Return the conditions that the query parameters name."""
    sent = request.query_params
    version = parameters.whole_number(
        request, "profile_version", default=-1, low=0, high=2**31 - 1
    )
    return Conditions(
        namespace=parameters.required_namespace(request),
        from_=parameters.moment(request, "from"),
        to=parameters.moment(request, "to"),
        rule_id=_uuid(request, "rule_id"),
        override_id=_uuid(request, "override_id"),
        profile_version=None if version < 0 else version,
        degraded=parameters.flag(request, "degraded") if "degraded" in sent else None,
        **{name: parameters.text(request, name) for name in _TEXTS},
    )


_TEXTS = (
    *("user_hash", "user_id", "request_id", "item_id", "dropped_item_id"),
    *("surface", "segment_id", "profile_id", "experiment"),
)


def filter_of(
    search: Conditions, *, namespace: Namespace, at: datetime
) -> DecisionFilter:
    """Return the filter; of the last seven days when it says nothing of time."""
    chosen = DecisionFilter(
        since=search.from_,
        until=search.to,
        user_hashes=_user_hashes(search, namespace=namespace),
        request_id=search.request_id,
        item_number=_item_number(namespace, search.item_id),
        dropped_number=_item_number(namespace, search.dropped_item_id),
        rule_id=search.rule_id,
        override_id=search.override_id,
        surface=search.surface,
        segment=search.segment_id,
        profile=search.profile_id,
        profile_version=search.profile_version,
        experiment=search.experiment,
        degraded=search.degraded,
    )
    return with_window(chosen, at=at)


def _item_number(namespace: Namespace, item_id: str | None) -> int | None:
    return None if item_id is None else searched_number(namespace, item_id)


def _user_hashes(search: Conditions, *, namespace: Namespace) -> list[bytes] | None:
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
