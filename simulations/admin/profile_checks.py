"""A version of a profile before it is in force: checked, judged, and published."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.newest import NewestAdmin
from catalog.admin.page import Chip, Crumb, namespace_of
from catalog.core.faults import BadInputError
from catalog.permissions import can, name_of, require
from catalog.recording import say_why
from ranking.admin.differences import differences
from ranking.core.configuration import content_hash
from ranking.models import ConfigurationVerdict, ProfileVersion, VersionSource
from ranking.operations.gates import FORECAST_SWITCH, verdict_on
from ranking.operations.profiles import Edit, publish_draft
from ranking.queries.configurations import compose
from simulations.core.judging import Judged, State
from simulations.operations.profile_checks import open_run, start_profile_check

from .shown import guardrail_row

_BROKEN = Chip(words="Breaks a guardrail", icon="block", kind="bad")
_UNKNOWN = Chip(words="Not computed", icon="help", kind="warn")
_WATCH = Chip(words="Passed, watch", icon="warning", kind="warn")
_PASSED = Chip(words="Passed", icon="check", kind="good")
_BY_STATE = {State.NOT_COMPUTED: _UNKNOWN, State.WARN: _WATCH}


@admin.register(ConfigurationVerdict)
class ProfileCheckAdmin(NewestAdmin[ConfigurationVerdict]):
    """The verdicts on versions of profiles, each with a permanent page."""

    list_title = "Checks of profiles"
    list_template = "recsys/profile_checks.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        posts = {"check": self.start_check, "publish": self.publish}
        return [
            path("of/<int:key>/", view(self.version_page), name="profile-check"),
            *[
                path(
                    f"of/<int:key>/{name}/",
                    view(require_POST(method)),
                    name=f"simulations_profile_{name}",
                )
                for name, method in posts.items()
            ],
            *super().get_urls(),
        ]

    def chip_of(self, row: ConfigurationVerdict) -> Chip:
        return verdict_chip(row)

    def row_page(self, request: HttpRequest, row: ConfigurationVerdict) -> HttpResponse:
        profile, number = row.report.get("profile"), row.report.get("version")
        return self.page(
            request,
            "recsys/profile_check_page.html",
            title=f"Check of {profile}, version {number}",
            crumbs=self.lists(),
            is_permanent=True,
            **_shown(row),
        )

    def version_page(self, request: HttpRequest, key: int) -> HttpResponse:
        """Show what is known of a version, or how far its check is."""
        self.require_view(request)
        version, namespace = _version(request, key), namespace_of(request)
        profile, now = version.profile, timezone.now()
        verdict, holds = _newest(version, at=now)
        live = ProfileVersion.objects.filter(
            profile=profile, number=profile.published_number
        ).first()
        address = reverse("admin:ranking_profile_change", args=[profile.pk])
        return self.page(
            request,
            "recsys/profile_check_page.html",
            title=f"Version {version.number} of {profile.name}",
            crumbs=[Crumb(title=profile.name, url=address)],
            version=version,
            profile=profile,
            live=live,
            is_live=version.number == profile.published_number,
            run=open_run(version),
            holds=holds,
            differences=differences(live.config if live else {}, version.config),
            obstacle=_obstacle(verdict, holds=holds, version=version),
            may_check=can(request.user, "edit", namespace),
            may_publish=can(request.user, "publish", namespace)
            and version.number > profile.published_number,
            may_overrule=can(request.user, "operate", namespace),
            **_shown(verdict),
        )

    def start_check(self, request: HttpRequest, key: int) -> HttpResponse:
        """Have a worker replay decisions and evaluate with the version in force."""
        version = _version(request, key)
        require(request.user, "edit", namespace_of(request))
        if open_run(version) is None:
            start_profile_check(
                version, at=timezone.now(), requested_by=name_of(request.user)
            )
        return _back_to(version)

    def publish(self, request: HttpRequest, key: int) -> HttpResponse:
        """Put a draft in the place of the published version, if it may be."""
        version, namespace = _version(request, key), namespace_of(request)
        require(request.user, "publish", namespace)
        because = request.POST.get("overruled_because", "")
        say_why(because)
        edit = Edit(
            at=timezone.now(),
            author=name_of(request.user),
            notes=version.notes,
            source=VersionSource.ADMIN,
            overruled_because=because,
            may_overrule=can(request.user, "operate", namespace),
        )
        try:
            with transaction.atomic():
                publish_draft(version.profile, version.number, edit=edit)
        except BadInputError as error:
            messages.error(request, str(error))
            return _back_to(version)
        messages.success(request, f"Version {version.number} is live.")
        page = reverse("admin:ranking_profile_change", args=[version.profile_id])
        return HttpResponseRedirect(page)


def verdict_chip(verdict: ConfigurationVerdict) -> Chip:
    """Return a verdict in two words; what was not computed is not green."""
    if verdict.is_blocked:
        return _BROKEN
    states = {each["state"] for each in verdict.report.get("judged", ())}
    return next((chip for state, chip in _BY_STATE.items() if state in states), _PASSED)


def _obstacle(
    verdict: ConfigurationVerdict | None, *, holds: bool, version: ProfileVersion
) -> str:
    """Return why publishing would be refused, as `require_unbroken` sees it."""
    if verdict is not None and holds:
        return "It breaks a guardrail" if verdict.is_blocked else ""
    if version.namespace.switches.get(FORECAST_SWITCH):
        return "It was not checked within a day, which this namespace asks for"
    return ""


def _shown(verdict: ConfigurationVerdict | None) -> dict[str, Any]:
    if verdict is None:
        return {"verdict": None}
    judged = msgspec.convert(verdict.report.get("judged", ()), list[Judged])
    return {
        "verdict": verdict,
        "chip_of_verdict": verdict_chip(verdict),
        "guardrails": [guardrail_row(each) for each in judged],
    }


def _newest(
    version: ProfileVersion, *, at: datetime
) -> tuple[ConfigurationVerdict | None, bool]:
    """Return the verdict that publishing would look at, or the last that there was."""
    namespace = version.namespace
    digest = content_hash(compose(namespace, draft=version))
    holding = verdict_on(namespace, digest, at=at)
    if holding is not None:
        return holding, True
    rows = ConfigurationVerdict.objects.filter(
        namespace=namespace,
        report__profile=version.profile.name,
        report__version=version.number,
    )
    return rows.order_by("-created_at", "-pk").first(), False


def _version(request: HttpRequest, key: int) -> ProfileVersion:
    rows = ProfileVersion.objects.select_related("profile", "namespace")
    found = rows.filter(namespace=namespace_of(request), pk=key).first()
    if found is None:
        raise Http404(f"No version {key} in this namespace.")
    found.profile.namespace = found.namespace
    return found


def _back_to(version: ProfileVersion) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:profile-check", args=[version.pk]))
