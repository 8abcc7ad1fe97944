"""The frame of every list: whose rows, which page, and what is said beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import msgspec
from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.core.faults import refuse
from catalog.core.pages import DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET, Page, read_cursor
from catalog.models import Namespace
from catalog.queries.lists import Listed
from catalog.queries.newest import newest

from .openapi import query
from .parameters import required_namespace, whole_number
from .view import TenantView

NAMESPACE = query("namespace", "Whose rows.", required=True)
PAGE = [
    query("limit", f"1 to {MAX_LIMIT}, else {DEFAULT_LIMIT}.", kind=int),
    query("offset", f"0 to {MAX_OFFSET}; use cursor beyond.", kind=int),
    query("cursor", "next_cursor of the page before."),
]


class Listing[F](TenantView):
    """A GET of a namespace's rows, page by page; `F` is what chooses among them."""

    kind: ClassVar[str]
    """Of which list a cursor is."""

    def chosen(self, request: Request, namespace: Namespace | None) -> F:
        """Return the conditions, or raise 400 also where nobody wrote yet."""
        raise NotImplementedError

    def read(self, namespace: Namespace, chosen: F, page: Page) -> Listed:
        raise NotImplementedError

    def shown(
        self, request: Request, namespace: Namespace, listed: Listed
    ) -> list[Any]:
        """Return the rows as the answer has them."""
        raise NotImplementedError

    def page(
        self, request: Request, *, answer: Callable[..., msgspec.Struct]
    ) -> Response:
        namespace = self.namespace(required_namespace(request))
        page = read_page(request, kind=self.kind)
        chosen = self.chosen(request, namespace)
        if namespace is None:
            return self.answer(answer(items=[], **frame(Listed(), page)))
        listed = self.read(namespace, chosen, page)
        items = self.shown(request, namespace, listed)
        return self.answer(answer(items=items, **frame(listed, page)))


class NewestListing[M: Model](Listing[None]):
    """All rows of a namespace, the newest first; their ids are UUIDv7."""

    model: ClassVar[type[Model]]
    unread: ClassVar[tuple[str, ...]] = ()
    """Large columns that the list does not tell."""

    beside: ClassVar[tuple[str, ...]] = ()
    """Related rows that it does."""

    def row(self, row: M) -> msgspec.Struct:
        """Return one row as the answer has it."""
        raise NotImplementedError

    def chosen(self, request: Request, namespace: Namespace | None) -> None:
        return None

    def read(self, namespace: Namespace, chosen: None, page: Page) -> Listed:
        rows: QuerySet[Any] = self.model._default_manager.filter(namespace=namespace)
        if self.beside:
            rows = rows.select_related(*self.beside)
        return newest(rows.defer(*self.unread), page)

    def shown(
        self, request: Request, namespace: Namespace, listed: Listed
    ) -> list[msgspec.Struct]:
        return [self.row(each) for each in listed.rows]


def read_page(request: Request, *, kind: str) -> Page:
    """Return which page is wanted, or raise 400 naming the parameter."""
    limit = whole_number(request, "limit", default=DEFAULT_LIMIT, low=1, high=MAX_LIMIT)
    if cursor := request.query_params.get("cursor"):
        return Page(kind=kind, limit=limit, cursor=read_cursor(cursor, kind=kind))
    offset = whole_number(request, "offset", default=0, low=0, high=2**63)
    if offset > MAX_OFFSET:
        raise refuse(
            "invalid_offset",
            f"offset may be at most {MAX_OFFSET}; send next_cursor as cursor.",
            field="offset",
        )
    return Page(kind=kind, limit=limit, offset=offset)


def frame(listed: Listed, page: Page) -> dict[str, Any]:
    """Return what every list says beside its rows."""
    return {
        "total": listed.total,
        "total_is_estimate": listed.total_is_estimate,
        "limit": page.limit,
        "offset": page.position,
        "has_more": listed.next_cursor is not None,
        "next_offset": listed.next_offset,
        "next_cursor": listed.next_cursor,
    }
