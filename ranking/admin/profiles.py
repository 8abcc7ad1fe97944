from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.page import Crumb, PageAdmin, namespace_of
from catalog.core.faults import BadInputError
from catalog.permissions import can, name_of, namespaces_of, require
from catalog.recording import say_why
from ranking.models import Profile, ProfileVersion, VersionSource
from ranking.operations.profiles import (
    Edit,
    NoSuchVersionError,
    ProfileInUseError,
    VersionConflictError,
    copy_profile,
    delete_profile,
    publish_profile,
    put_in_force,
    roll_back,
)

from . import bundles
from .differences import differences, in_words
from .knob_form import groups_of, groups_sent, read
from .previews import preview_urls
from .replays import replay_urls

_VERSIONS = 50


def edit_of(
    request: HttpRequest, *, notes: str = "", source: str = VersionSource.ADMIN
) -> Edit:
    author = name_of(request.user)
    say_why(notes)
    return Edit(at=timezone.now(), author=author, notes=notes, source=source)


@admin.register(Profile)
class ProfileAdmin(PageAdmin[Profile]):
    add_verb = change_verb = "publish"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:key>/edit/", view(self.edit), name="ranking_profile_edit"),
            path(
                "<int:key>/compare/", view(self.compare), name="ranking_profile_compare"
            ),
            path(
                "<int:key>/rollback/",
                view(require_POST(self.rollback)),
                name="ranking_profile_rollback",
            ),
            path(
                "<int:key>/force/",
                view(require_POST(self.force)),
                name="ranking_profile_force",
            ),
            path(
                "<int:key>/remove/",
                view(require_POST(self.remove)),
                name="ranking_profile_remove",
            ),
            path(
                "<int:key>/copy/",
                view(require_POST(self.copy)),
                name="ranking_profile_copy",
            ),
            *preview_urls(self.admin_site),
            *replay_urls(self.admin_site),
            *super().get_urls(),
        ]

    def list_page(self, request: HttpRequest) -> HttpResponse:
        profiles = self.get_queryset(request).order_by("-in_force", "name", "pk")
        return self.page(
            request,
            "recsys/profiles.html",
            title="Profiles",
            profiles=profiles[:200],
            may_publish=can(request.user, "publish", namespace_of(request)),
        )

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        namespace = namespace_of(request)
        require(request.user, "publish", namespace)
        name = request.POST.get("name", "").strip()
        if request.method == "POST" and name:
            edit = edit_of(request, notes="Made in the admin, with nothing set.")
            made = publish_profile(namespace, name, config={}, edit=edit)
            return HttpResponseRedirect(
                reverse("admin:ranking_profile_edit", args=[made.profile.pk])
            )
        return self.page(
            request, "recsys/profile_new.html", title="New profile", crumbs=self.lists()
        )

    def row_page(self, request: HttpRequest, row: Profile) -> HttpResponse:
        versions = self._versions(row)
        live = next(
            (each for each in versions if each.number == row.published_number), None
        )
        document = live.config if live else {}
        before = [*versions[1:], None]
        return self.page(
            request,
            "recsys/profile_page.html",
            title=f"Profile {row.name}",
            crumbs=self.lists(),
            profile=row,
            live=live,
            set_bundles=[
                (each, differences({}, bundles.get(document, each.address)))
                for each in bundles.all_of(document, chosen="")
            ],
            versions=[
                (each, in_words(earlier.config if earlier else {}, each.config))
                for each, earlier in zip(versions, before, strict=True)
            ],
            may_publish=can(request.user, "publish", namespace_of(request)),
            others=namespaces_of(request.user)
            .filter(org_id=row.org_id)
            .exclude(pk=row.namespace_id)[:50]
            if live
            else [],
        )

    def edit(self, request: HttpRequest, key: int) -> HttpResponse:
        profile = self.find(request, str(key))
        require(request.user, "publish", namespace_of(request))
        version = ProfileVersion.objects.filter(
            profile=profile, number=profile.published_number
        ).first()
        document = version.config if version else {}
        address = request.GET.get("bundle", "")
        if request.method == "POST":
            return self._publish(request, profile, document, address)
        groups = groups_of(bundles.get(document, address))
        return self._form(request, profile, document, groups=groups, address=address)

    def _publish(
        self,
        request: HttpRequest,
        profile: Profile,
        document: dict[str, Any],
        address: str,
    ) -> HttpResponse:
        sent = request.POST.dict()
        found = read(sent)
        errors = found.errors
        if not errors:
            try:
                with transaction.atomic():
                    published = publish_profile(
                        namespace_of(request),
                        profile.name,
                        config=bundles.replaced(document, address, found.bundle),
                        edit=edit_of(request, notes=sent.get("notes", "")),
                        expected=int(sent.get("expected") or 0),
                    )
            except BadInputError as error:
                messages.error(request, str(error))
            except VersionConflictError as error:
                messages.error(
                    request,
                    f"Version {error.current} was published meanwhile. Your values are "
                    "kept below; compare, then publish again.",
                )
            else:
                messages.success(
                    request, f"Version {published.version.number} is live."
                )
                return HttpResponseRedirect(
                    reverse("admin:ranking_profile_change", args=[profile.pk])
                )
        groups = groups_sent(sent, errors=errors)
        return self._form(request, profile, document, groups=groups, address=address)

    def _form(
        self,
        request: HttpRequest,
        profile: Profile,
        document: dict[str, Any],
        **shown: Any,
    ) -> HttpResponse:
        address = shown["address"]
        page = reverse("admin:ranking_profile_change", args=[profile.pk])
        return self.page(
            request,
            "recsys/profile_form.html",
            title=f"{profile.name}: {bundles.title(address).lower()}",
            crumbs=[*self.lists(), Crumb(title=profile.name, url=page)],
            profile=profile,
            is_part=bool(address),
            notes=request.POST.get("notes", ""),
            tabs=bundles.all_of(document, chosen=address),
            error_count=sum(bool(f.error) for g in shown["groups"] for f in g.fields),
            **shown,
        )

    def compare(self, request: HttpRequest, key: int) -> HttpResponse:
        profile = self.find(request, str(key))
        versions = self._versions(profile)
        by_number = {str(each.number): each for each in versions}
        newest = versions[0] if versions else None
        after = by_number.get(request.GET.get("after", ""), newest)
        before = by_number.get(
            request.GET.get("before", ""), versions[1] if len(versions) > 1 else None
        )
        page = reverse("admin:ranking_profile_change", args=[profile.pk])
        return self.page(
            request,
            "recsys/profile_compare.html",
            title=f"{profile.name}: two versions compared",
            crumbs=[*self.lists(), Crumb(title=profile.name, url=page)],
            versions=versions,
            before=before,
            after=after,
            differences=differences(
                before.config if before else {}, after.config if after else {}
            ),
        )

    def rollback(self, request: HttpRequest, key: int) -> HttpResponse:
        profile = self.find(request, str(key))
        require(request.user, "publish", namespace_of(request))
        number = int(request.POST.get("number") or 0)
        edit = edit_of(
            request, notes=f"Back to version {number}.", source=VersionSource.ROLLBACK
        )
        try:
            published = roll_back(profile, number=number, edit=edit)
        except NoSuchVersionError as error:
            messages.error(request, f"{str(error).capitalize()}.")
        else:
            words = (
                f"Version {published.version.number} is live, with what {number} said."
            )
            messages.success(request, words)
        return HttpResponseRedirect(reverse("admin:ranking_profile_change", args=[key]))

    def force(self, request: HttpRequest, key: int) -> HttpResponse:
        profile = self.find(request, str(key))
        require(request.user, "publish", namespace_of(request))
        edit = replace(
            edit_of(request),
            overruled_because=request.POST.get("overruled_because", ""),
            may_overrule=can(request.user, "operate", namespace_of(request)),
        )
        try:
            with transaction.atomic():
                put_in_force(profile, edit=edit)
        except BadInputError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{profile.name} is in force now.")
        return HttpResponseRedirect(reverse("admin:ranking_profile_change", args=[key]))

    def remove(self, request: HttpRequest, key: int) -> HttpResponse:
        profile = self.find(request, str(key))
        require(request.user, "publish", namespace_of(request))
        try:
            delete_profile(profile, edit=edit_of(request))
        except ProfileInUseError as error:
            messages.error(request, f"{str(error).capitalize()}.")
            page = reverse("admin:ranking_profile_change", args=[key])
            return HttpResponseRedirect(page)
        messages.success(request, f"{profile.name} is deleted.")
        return HttpResponseRedirect(reverse("admin:ranking_profile_changelist"))

    def copy(self, request: HttpRequest, key: int) -> HttpResponse:
        profile = self.find(request, str(key))
        here = namespace_of(request)
        there = (
            namespaces_of(request.user)
            .filter(org_id=here.org_id, pk=int(request.POST.get("to") or 0))
            .first()
        )
        require(request.user, "edit", there)
        assert there is not None
        edit = edit_of(request, notes=f"Copied from {here.name}.")
        copied = copy_profile(profile, to=there, edit=edit)
        messages.success(
            request,
            f"{profile.name} is version {copied.version.number} in {there}, a draft.",
        )
        return HttpResponseRedirect(reverse("admin:ranking_profile_change", args=[key]))

    def _versions(self, profile: Profile) -> Sequence[ProfileVersion]:
        rows = ProfileVersion.objects.filter(profile=profile)
        return list(rows.order_by("-number")[:_VERSIONS])
