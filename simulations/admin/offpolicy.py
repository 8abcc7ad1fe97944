from __future__ import annotations

from typing import Any

import msgspec
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.page import Chip, PageAdmin, namespace_of
from catalog.models import Run, RunState
from catalog.permissions import name_of
from ranking.models import BanditDecision, Profile
from simulations.operations.offpolicy import (
    KIND,
    NoTargetError,
    OffPolicyRequest,
    start_estimate,
)

from .experiments import experiment_urls

MOST_SHOWN = 20
_ADDRESS = "admin:ranking_banditdecision_changelist"
_REFUSED = Chip(words="Cannot be said", icon="help")
_MORE = Chip(words="More", icon="up", kind="good")
_LESS = Chip(words="Less", icon="down", kind="bad")
_SAME = Chip(words="No difference", icon="dot")


@admin.register(BanditDecision)
class OffPolicyAdmin(PageAdmin[BanditDecision]):
    """What other policies would have earned: asked for, and newest first."""

    list_title = "Off-policy"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "estimate/",
                view(require_POST(self.estimate)),
                name="ranking_banditdecision_estimate",
            ),
            *experiment_urls(self.admin_site),
            *super().get_urls(),
        ]

    def list_page(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        runs = Run.objects.filter(namespace=namespace, kind=KIND)
        published = Profile.objects.filter(
            namespace=namespace, published_number__gt=0
        ).order_by("name")
        return self.page(
            request,
            "recsys/offpolicy.html",
            title=self.list_title,
            estimates=[
                (run, _targets(run))
                for run in runs.order_by("-created_at", "-id")[:MOST_SHOWN]
            ],
            profiles=list(published.values_list("name", flat=True)[:200]),
        )

    def row_page(self, request: HttpRequest, row: BanditDecision) -> HttpResponse:
        # A choice before a ranking has the ranking's trace for its page.
        return HttpResponseRedirect(
            reverse("admin:audit_decision_change", args=[row.decision_id])
        )

    def estimate(self, request: HttpRequest) -> HttpResponse:
        self.require_view(request)
        sent = {name: value for name, value in request.POST.dict().items() if value}
        names = ("source", "profile", "surface", "reward")
        try:
            asked = msgspec.convert(
                {name: sent[name] for name in names if name in sent}, OffPolicyRequest
            )
            start_estimate(
                namespace_of(request),
                asked,
                at=timezone.now(),
                by=name_of(request.user),
            )
        except (msgspec.ValidationError, NoTargetError) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "The estimate is under way.")
        return HttpResponseRedirect(reverse(_ADDRESS))


def _targets(run: Run) -> list[tuple[dict[str, Any], Chip]]:
    if run.state != RunState.SUCCEEDED:
        return []
    return [(each, _chip(each)) for each in run.result["targets"]]


def _chip(target: dict[str, Any]) -> Chip:
    difference = target["difference"]
    if target["refusals"] or difference is None:
        return _REFUSED
    if difference["low"] > 0:
        return _MORE
    return _LESS if difference["high"] < 0 else _SAME
