from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse

from audit.models import Edit
from audit.queries.edits import EditFilter, find_edit, list_edits, neighbours
from audit.queries.tracked import tracked
from catalog.admin.facets import facet
from catalog.admin.lists import PAGE_SIZE
from catalog.admin.page import PageAdmin, namespace_of
from catalog.models import Namespace
from catalog.permissions import can

from .edit_words import VERBS, kind_of, tell
from .moments import local_moment

# Who may do what is the business of those who decide it.
_FOR_ADMINS = ("catalog.apikey", "catalog.membership")


@admin.register(Edit)
class EditAdmin(PageAdmin[Edit]):
    """Who altered what of a namespace's settings, whichever app keeps them."""

    def list_page(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        asked = request.GET.dict()
        labels = _labels(request)
        page = list_edits(
            namespace,
            _filter(asked, namespace),
            labels=labels,
            after=asked.get("after", ""),
            size=PAGE_SIZE,
        )
        kinds = {label: kind_of(label) for label in labels}
        return self.page(
            request,
            "recsys/edits.html",
            title="Edits",
            rows=tell(page.edits, zone=ZoneInfo(namespace.time_zone)),
            after=page.after,
            asked=asked,
            facets=[
                facet("of", "What", kinds, asked=asked),
                facet("verb", "Done", VERBS, asked=asked),
            ],
        )

    def change_view(
        self, request: HttpRequest, object_id: str, *_: object, **__: object
    ) -> HttpResponse:
        self.require_view(request)
        namespace = namespace_of(request)
        edit = find_edit(namespace, object_id, labels=_labels(request))
        if edit is None:
            raise Http404(f"No edit {object_id} in this namespace.")
        (told,) = tell([edit], zone=ZoneInfo(namespace.time_zone))
        older, newer = neighbours(edit)
        return self.page(
            request,
            "recsys/edit_page.html",
            title=f"{told.before_name} {told.name} {told.verb}",
            crumbs=self.lists(),
            told=told,
            older=older,
            newer=newer,
            row_url=_row_url(edit.label, edit.row.pgh_obj_id),
        )


def _labels(request: HttpRequest) -> list[str]:
    everything = can(request.user, "administer", namespace_of(request))
    return [each for each in tracked() if everything or each not in _FOR_ADMINS]


def _filter(asked: Mapping[str, str], namespace: Namespace) -> EditFilter:
    row = asked.get("row", "")
    return EditFilter(
        label=asked.get("of") or None,
        row=int(row) if row.isascii() and row.isdigit() and len(row) < 19 else None,
        who=asked.get("who", "").strip() or None,
        verb=asked.get("verb") or None,
        since=local_moment(asked.get("since", ""), namespace),
        until=local_moment(asked.get("until", ""), namespace),
    )


def _row_url(label: str, key: Any) -> str:
    """Return the page of the altered row; "" where it has none."""
    name = f"admin:{label.replace('.', '_')}_change"
    try:
        return reverse(name, args=[key])
    except NoReverseMatch:
        return ""
