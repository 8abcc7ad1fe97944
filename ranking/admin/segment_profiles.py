from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from catalog.admin.page import PageAdmin, namespace_of
from catalog.core.faults import BadInputError
from catalog.permissions import can, require
from ranking.models import SegmentProfile
from ranking.operations.segments import delete_segment_profiles, upsert_segment_profiles

from .differences import differences
from .knob_form import groups_of, groups_sent, read
from .profiles import edit_of


@admin.register(SegmentProfile)
class SegmentProfileAdmin(PageAdmin[SegmentProfile]):
    add_verb = change_verb = delete_verb = "publish"

    def get_urls(self) -> list[URLPattern]:
        remove = self.admin_site.admin_view(require_POST(self.remove))
        return [
            path("<int:key>/remove/", remove, name="ranking_segmentprofile_remove"),
            *super().get_urls(),
        ]

    def list_page(self, request: HttpRequest) -> HttpResponse:
        profiles = self.get_queryset(request).prefetch_related("segments")
        return self.page(
            request,
            "recsys/segment_profiles.html",
            title="Segment profiles",
            rows=[
                (each, differences({}, each.knobs))
                for each in profiles.order_by("profile_id")[:500]
            ],
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
        return self._form(request, None, groups=groups_of({}))

    def row_page(self, request: HttpRequest, row: SegmentProfile) -> HttpResponse:
        if request.method == "POST":
            return self._save(request, row)
        return self._form(request, row, groups=groups_of(row.knobs))

    def _save(self, request: HttpRequest, row: SegmentProfile | None) -> HttpResponse:
        namespace = namespace_of(request)
        require(request.user, "publish", namespace)
        sent = request.POST.dict()
        profile_id = row.profile_id if row else sent.get("profile_id", "").strip()
        found = read(sent)
        if found.errors or not profile_id:
            groups = groups_sent(sent, errors=found.errors)
            fault = "" if profile_id else "A segment profile needs an id."
            return self._form(request, row, groups=groups, id_error=fault)
        edit = edit_of(request)
        profiles = {profile_id: (sent.get("description", ""), found.bundle)}
        upsert_segment_profiles(namespace, profiles, at=edit.at, author=edit.author)
        messages.success(request, f"Segment profile {profile_id} is in force.")
        return HttpResponseRedirect(reverse("admin:ranking_segmentprofile_changelist"))

    def _form(
        self, request: HttpRequest, row: SegmentProfile | None, **shown: Any
    ) -> HttpResponse:
        sent = request.POST.dict()
        return self.page(
            request,
            "recsys/segment_profile_form.html",
            title=f"Segment profile {row.profile_id}" if row else "New segment profile",
            crumbs=self.lists(),
            profile=row,
            is_part=True,
            values={
                "profile_id": sent.get("profile_id", row.profile_id if row else ""),
                "description": sent.get("description", row.description if row else ""),
            },
            error_count=sum(bool(f.error) for g in shown["groups"] for f in g.fields),
            may_publish=can(request.user, "publish", namespace_of(request)),
            **shown,
        )

    def remove(self, request: HttpRequest, key: int) -> HttpResponse:
        profile = self.find(request, str(key))
        require(request.user, "publish", namespace_of(request))
        edit = edit_of(request)
        ids = [profile.profile_id]
        try:
            delete_segment_profiles(
                profile.namespace, ids, at=edit.at, author=edit.author
            )
        except BadInputError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"Segment profile {profile.profile_id} is gone.")
        return HttpResponseRedirect(reverse("admin:ranking_segmentprofile_changelist"))
