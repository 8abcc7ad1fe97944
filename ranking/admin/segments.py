from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.page import PageAdmin, namespace_of
from catalog.core.faults import BadInputError
from catalog.permissions import can, require
from ranking.models import Segment, SegmentProfile
from ranking.operations.segments import SegmentDraft, delete_segments, upsert_segment
from rules.core.condition_words import in_words

from .profiles import edit_of
from .segment_form import EXAMPLE, dry_run, read, rules_text


@admin.register(Segment)
class SegmentAdmin(PageAdmin[Segment]):
    add_verb = change_verb = delete_verb = "publish"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "dry-run/",
                view(require_POST(self.dry_run)),
                name="ranking_segment_dry_run",
            ),
            path(
                "<int:key>/remove/",
                view(require_POST(self.remove)),
                name="ranking_segment_remove",
            ),
            *super().get_urls(),
        ]

    def list_page(self, request: HttpRequest) -> HttpResponse:
        segments = (
            self.get_queryset(request)
            .select_related("profile")
            .prefetch_related("rules")
            .order_by("-active", "-priority", "segment_id")[:500]
        )
        return self.page(
            request,
            "recsys/segments.html",
            title="Segments",
            rows=[(each, _sentence(each)) for each in segments],
            may_publish=can(request.user, "publish", namespace_of(request)),
        )

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        require(request.user, "publish", namespace_of(request))
        if request.method == "POST":
            return self._save(request, None)
        return self._form(request, None, values={"priority": "0", "active": "on"})

    def row_page(self, request: HttpRequest, row: Segment) -> HttpResponse:
        if request.method == "POST":
            return self._save(request, row)
        values = {
            "segment_id": row.segment_id,
            "name": row.name,
            "priority": str(row.priority),
            "active": "on" if row.active else "",
            "profile_id": row.profile.profile_id if row.profile else "",
            "description": row.description,
            "rules": rules_text(row),
        }
        return self._form(request, row, values=values)

    def _save(self, request: HttpRequest, row: Segment | None) -> HttpResponse:
        require(request.user, "publish", namespace_of(request))
        sent = request.POST.dict()
        if row is not None:
            sent["segment_id"] = row.segment_id
        found = read(sent)
        if found.draft is None:
            return self._form(request, row, values=sent, errors=found.errors)
        try:
            self._store(request, found.draft)
        except BadInputError as error:
            return self._form(request, row, values=sent, errors={"rules": str(error)})
        messages.success(request, f"Segment {found.draft.segment_id} is in force.")
        return HttpResponseRedirect(reverse("admin:ranking_segment_changelist"))

    def _store(self, request: HttpRequest, draft: SegmentDraft) -> Segment:
        edit = edit_of(request)
        return upsert_segment(
            namespace_of(request), draft, at=edit.at, author=edit.author
        )

    def _form(
        self, request: HttpRequest, row: Segment | None, **shown: Any
    ) -> HttpResponse:
        namespace = namespace_of(request)
        profiles = SegmentProfile.objects.filter(namespace=namespace).order_by(
            "profile_id"
        )
        return self.page(
            request,
            "recsys/segment_form.html",
            title=f"Segment {row.name or row.segment_id}" if row else "New segment",
            crumbs=self.lists(),
            segment=row,
            sentence=_sentence(row) if row else "",
            profile_ids=profiles.values_list("profile_id", flat=True)[:500],
            example=EXAMPLE,
            may_publish=can(request.user, "publish", namespace),
            **{"errors": {}, **shown},
        )

    def dry_run(self, request: HttpRequest) -> HttpResponse:
        self.require_view(request)
        result = dry_run(namespace_of(request), request.POST.dict(), at=timezone.now())
        return render(request, "recsys/segment_dry_run.html", {"result": result})

    def remove(self, request: HttpRequest, key: int) -> HttpResponse:
        segment = self.find(request, str(key))
        require(request.user, "publish", namespace_of(request))
        edit = edit_of(request)
        ids = [segment.segment_id]
        delete_segments(segment.namespace, ids, at=edit.at, author=edit.author)
        messages.success(request, f"Segment {segment.segment_id} is gone.")
        return HttpResponseRedirect(reverse("admin:ranking_segment_changelist"))


def _sentence(segment: Segment) -> str:
    rules = sorted(segment.rules.all(), key=lambda row: row.pk)
    told = [in_words(each.rule) for each in rules if each.enabled]
    return "Users where " + "; or ".join(told) + "." if told else "Everyone."
