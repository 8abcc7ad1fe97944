"""List, search and read decisions."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.urls import URLPattern, path
from msgspec import Struct
from rest_framework.request import Request
from rest_framework.response import Response

from audit.core.identity import answered_at
from audit.models import Decision
from audit.queries import (
    DecisionPage,
    get_decision,
    item_ids_of,
    list_decisions,
    numbers_in,
    open_trace_of,
)
from catalog.api.errors import ApiError
from catalog.api.openapi import documented, query
from catalog.api.parameters import refuse_missing_namespace
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.core.faults import refuse
from catalog.core.pages import MAX_OFFSET
from catalog.models import Scope

from . import examples
from .answers import DecisionDetail, DecisionSummary, detail_of, summary_of
from .exports import DecisionsExportView
from .filters import FILTERS, SearchBody, filter_of, search_of

# A decision is in the database within two seconds, or the database was away.
EXPECTED_WITHIN = timedelta(seconds=10)
RETRY_SECONDS = "1"


class DecisionList(Struct, kw_only=True):
    """Decisions, the newest first."""

    items: list[DecisionSummary]
    total: int
    limit: int
    offset: int
    has_more: bool
    next_offset: int | None = None
    next_cursor: str | None = None
    total_is_estimate: bool = False


class DecisionsView(TenantView):
    @documented(
        summary="List decisions",
        answer=DecisionList,
        example_answer=examples.LIST,
        parameters=[
            *FILTERS,
            query("limit", "1 to 1000, 100 by default.", kind=int),
            query("offset", "How many to skip, at most 100,000.", kind=int),
            query("cursor", "The next_cursor of the page before."),
        ],
    )
    def get(self, request: Request) -> Response:
        return self.answer(_found(self, search_of(request)))


class DecisionSearchView(TenantView):
    scopes = {"POST": Scope.READ}

    @documented(
        summary="Search decisions",
        request=SearchBody,
        example_request=examples.SEARCH,
        answer=DecisionList,
        example_answer=examples.LIST,
    )
    def post(self, request: Request) -> Response:
        """Take the filters in a body, where access logs do not see user ids."""
        search, self.warnings = decode(request, SearchBody)
        return self.answer(_found(self, search))


class DecisionView(TenantView):
    @documented(
        summary="Read a decision with its trace",
        answer=DecisionDetail,
        example_answer=examples.DETAIL,
        errors=(404,),
    )
    def get(self, request: Request, decision_id: UUID) -> Response:
        """404 `not_yet_stored` with Retry-After: answered just now, ask again."""
        decision = visible_decision(self, decision_id)
        trace = open_trace_of(decision)
        namespace = decision.namespace.name
        if trace is None:
            return self.answer(summary_of(decision, None, namespace=namespace))
        ids = item_ids_of(numbers_in(trace))
        return self.answer(detail_of(decision, trace, ids=ids, namespace=namespace))


def _found(view: TenantView, search: SearchBody) -> DecisionList:
    namespace = view.namespace(search.namespace or refuse_missing_namespace())
    if namespace is None:
        page = DecisionPage(
            decisions=[], has_more=False, total=0, total_is_estimate=False
        )
    else:
        page = list_decisions(
            namespace,
            filter_of(search, namespace=namespace, at=view.at),
            limit=search.limit,
            before=_checked_cursor(search.cursor),
            offset=0 if search.cursor else search.offset,
        )
    behind = search.offset + len(page.decisions)
    is_offset = page.has_more and page.further is None and search.cursor is None
    is_offset = is_offset and behind <= MAX_OFFSET
    return DecisionList(
        items=[_summary(each, namespace=search.namespace) for each in page.decisions],
        total=page.total,
        limit=search.limit,
        offset=search.offset,
        has_more=page.has_more,
        next_offset=behind if is_offset else None,
        next_cursor=None if page.next_before is None else str(page.next_before),
        total_is_estimate=page.total_is_estimate,
    )


def _summary(decision: Decision, *, namespace: str) -> DecisionSummary:
    trace = open_trace_of(decision)
    return DecisionSummary(**summary_of(decision, trace, namespace=namespace))


def _checked_cursor(cursor: UUID | None) -> UUID | None:
    try:
        if cursor is not None:
            answered_at(cursor)
    except ValueError:
        raise refuse(
            "invalid_cursor",
            "cursor must be the next_cursor of an earlier page of the same list.",
            field="cursor",
        ) from None
    return cursor


def visible_decision(view: TenantView, decision_id: UUID) -> Decision:
    """Return a decision that the caller may see; others do not exist for it."""
    decision = get_decision(decision_id)
    allowed = view.caller.namespaces
    if decision is None:
        raise _missing(decision_id, at=view.at)
    if allowed is not None and decision.namespace_id not in allowed:
        raise _not_found(decision_id)
    return decision


def _missing(decision_id: UUID, *, at: datetime) -> ApiError:
    try:
        age = at - answered_at(decision_id)
    except ValueError:
        return _not_found(decision_id)
    if abs(age) > EXPECTED_WITHIN:
        return _not_found(decision_id)
    return ApiError(
        "not_yet_stored",
        "This decision is on its way to the database. Ask again.",
        status=404,
        headers={"Retry-After": RETRY_SECONDS},
    )


def _not_found(decision_id: UUID) -> ApiError:
    return ApiError(
        "decision_not_found", f"There is no decision {decision_id}.", status=404
    )


urlpatterns: list[URLPattern] = [
    path(
        "v1/audit/decisions:export",
        DecisionsExportView.as_view(),
        name="decisions-export",
    ),
    path("v1/audit/decisions", DecisionsView.as_view(), name="decisions"),
    path("v1/audit/search", DecisionSearchView.as_view(), name="decision-search"),
    path(
        "v1/audit/decisions/<uuid:decision_id>", DecisionView.as_view(), name="decision"
    ),
]
