"""The list of alerts: what needs a look, since when, and what was over when."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from catalog.admin.facets import facet
from catalog.admin.lists import count, newest_first
from catalog.admin.page import PageAdmin, namespace_of
from catalog.permissions import can
from rules.models import AlertKind, Incident

from .alert_words import ALERT_CHIPS, fixes_of

_STATES = {"open": "open", "over": "over"}


@admin.register(Incident)
class IncidentAdmin(PageAdmin[Incident]):
    list_title = "Alerts"

    def list_page(self, request: HttpRequest) -> HttpResponse:
        namespace, asked = namespace_of(request), request.GET.dict()
        incidents = self.get_queryset(request)
        if asked.get("kind") in AlertKind.values:
            incidents = incidents.filter(kind=asked["kind"])
        if asked.get("state") in _STATES:
            incidents = incidents.filter(recovered_at__isnull=asked["state"] == "open")
        page = newest_first(incidents, moment="opened_at", after=asked.get("after", ""))
        may_edit = can(request.user, "edit", namespace)
        may_publish = can(request.user, "publish", namespace)
        rows = [
            (
                each,
                ALERT_CHIPS[each.kind],
                fixes_of(each, may_edit=may_edit, may_publish=may_publish)
                if each.recovered_at is None
                else [],
            )
            for each in page.rows
        ]
        open_ones = self.get_queryset(request).filter(recovered_at=None)
        return self.page(
            request,
            "recsys/alerts.html",
            title="Alerts",
            page=page,
            rows=rows,
            count=count(incidents),
            n_open=open_ones.count(),
            facets=[
                facet("state", "State", _STATES, asked=asked),
                facet("kind", "Kind", dict(AlertKind.choices), asked=asked),
            ],
            may_administer=can(request.user, "administer", namespace),
        )

    def row_page(self, request: HttpRequest, row: Incident) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:rules_incident_changelist"))
