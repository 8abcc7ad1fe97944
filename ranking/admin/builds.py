from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.lists import newest_first
from catalog.admin.newest import watch
from catalog.admin.page import Chip, PageAdmin, namespace_of
from catalog.core.faults import BadInputError
from catalog.models import Item, Run, RunState
from catalog.permissions import can, name_of, require
from ranking.models import BuildState, SignalBuild
from ranking.operations.build_guarding import guard_builds, is_guarded, serve_held
from ranking.operations.build_starting import start_build
from ranking.operations.build_states import (
    BUILD_KIND,
    NothingToRollBackError,
    roll_back,
)
from ranking.operations.embedding_runs import start_refresh
from ranking.signals.layout import DamagedSnapshotError

from .build_facts import JUDGED_CHIPS, column_files, further_facts
from .item_signals import item_signals
from .live import live_signals

STATE_CHIPS = {
    BuildState.BUILDING: Chip(words="Building", icon="play", kind="accent"),
    BuildState.READY: Chip(words="Ready", icon="check", kind="info"),
    BuildState.HELD: Chip(words="Held back", icon="block", kind="bad"),
    BuildState.LIVE: Chip(words="Live", icon="play", kind="good"),
    BuildState.SUPERSEDED: Chip(words="Superseded", icon="history"),
    BuildState.FAILED: Chip(words="Failed", icon="warning", kind="bad"),
    BuildState.COLLECTED: Chip(words="Files collected", icon="block"),
}


@admin.register(SignalBuild)
class SignalBuildAdmin(PageAdmin[SignalBuild]):
    list_title = "Signals"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "item/<int:number>/",
                view(self.item_signals),
                name="ranking_item_signals",
            ),
            path(
                "build/",
                view(require_POST(self.build)),
                name="ranking_signalbuild_build",
            ),
            path(
                "embeddings/",
                view(require_POST(self.refresh)),
                name="ranking_signalbuild_embeddings",
            ),
            path(
                "rollback/",
                view(require_POST(self.rollback)),
                name="ranking_signalbuild_rollback",
            ),
            path(
                "guard/",
                view(require_POST(self.guard)),
                name="ranking_signalbuild_guard",
            ),
            path(
                "<uuid:key>/serve/",
                view(require_POST(self.serve)),
                name="ranking_signalbuild_serve",
            ),
            *super().get_urls(),
        ]

    def list_page(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        builds = self.get_queryset(request).defer("manifest", "seeds")
        page = newest_first(
            builds, moment="created_at", after=request.GET.get("after", ""), size=30
        )
        running = Run.objects.filter(
            namespace=namespace,
            kind=BUILD_KIND,
            state__in=[RunState.QUEUED, RunState.RUNNING],
        )
        return self.page(
            request,
            "recsys/builds.html",
            title="Signals",
            page=page,
            rows=[(each, STATE_CHIPS[BuildState(each.state)]) for each in page.rows],
            running=running.order_by("-created_at", "pk").first(),
            sentence=_sentence(page.rows, at=timezone.now()),
            may_operate=can(request.user, "operate", namespace),
            is_guarded=is_guarded(namespace),
            can_go_back=any(
                each.state == BuildState.SUPERSEDED and each.live_since
                for each in page.rows
            ),
        )

    def row_page(self, request: HttpRequest, row: SignalBuild) -> HttpResponse:
        return self.page(
            request,
            "recsys/build_page.html",
            title="Signal build",
            crumbs=self.lists(),
            build=row,
            files=column_files(row.manifest),
            facts=further_facts(row.manifest),
            judged=[
                (JUDGED_CHIPS[each["state"]], each)
                for each in row.guard.get("judged", ())
            ],
            is_held=row.state == BuildState.HELD,
            state=STATE_CHIPS[BuildState(row.state)],
            may_operate=can(request.user, "operate", namespace_of(request)),
        )

    def build(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        require(request.user, "operate", namespace)
        author = request.user.get_username()
        run = start_build(namespace, at=timezone.now(), requested_by=author)
        return watch(run)

    def refresh(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        require(request.user, "operate", namespace)
        author = request.user.get_username()
        run = start_refresh(namespace, at=timezone.now(), requested_by=author)
        return watch(run)

    def rollback(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        require(request.user, "operate", namespace)
        try:
            former = roll_back(namespace, at=timezone.now())
        except (NothingToRollBackError, DamagedSnapshotError) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"The {former} are served again.")
        return HttpResponseRedirect(reverse("admin:ranking_signalbuild_changelist"))

    def guard(self, request: HttpRequest) -> HttpResponse:
        """Hold builds to guardrails, or no longer."""
        namespace = namespace_of(request)
        require(request.user, "operate", namespace)
        on = request.POST.get("on") == "1"
        with transaction.atomic():
            guard_builds(namespace, on=on, by=name_of(request.user))
        messages.success(
            request,
            "From now on a build that breaks a guardrail is held back."
            if on
            else "From now on every valid build is served, whatever guardrails say.",
        )
        return HttpResponseRedirect(reverse("admin:ranking_signalbuild_changelist"))

    def serve(self, request: HttpRequest, key: UUID) -> HttpResponse:
        """Serve a build that was held back, for a reason."""
        namespace = namespace_of(request)
        require(request.user, "operate", namespace)
        build = SignalBuild.objects.filter(namespace=namespace, pk=key).first()
        if build is None:
            raise Http404
        because = request.POST.get("reason", "")
        try:
            with transaction.atomic():
                serve_held(
                    build,
                    at=timezone.now(),
                    because=because,
                    by=name_of(request.user),
                )
        except BadInputError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "The build is served; your reason is kept.")
        return HttpResponseRedirect(
            reverse("admin:ranking_signalbuild_change", args=[build.pk])
        )

    def item_signals(self, request: HttpRequest, number: int) -> HttpResponse:
        self.require_view(request)
        namespace = namespace_of(request)
        item = Item.objects.filter(namespace=namespace, pk=number).first()
        if item is None:
            raise Http404
        live = live_signals(namespace)
        signals = item_signals(live, item) if live else None
        return render(
            request,
            "recsys/item_signals.html",
            {"signals": signals, "build": live.build if live else None},
        )


def _sentence(builds: object, *, at: datetime) -> str:
    for build in builds:  # type: ignore[attr-defined]
        if build.state == BuildState.LIVE and build.live_since:
            hours = (at - build.live_since).total_seconds() / 3600
            age = f"{hours:.0f} hours" if hours >= 2 else f"{hours * 60:.0f} minutes"
            return f"The live build went live {age} ago."
    return (
        "No build is live: rankings answer by popularity of what is known, and say so."
    )
