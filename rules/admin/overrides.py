from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.facets import facet
from catalog.admin.lists import newest_first
from catalog.admin.page import PageAdmin, namespace_of
from catalog.core.faults import refuse
from catalog.models import Item, Namespace
from catalog.permissions import can, require
from rules.core.rule import TargetType
from rules.models import ManualOverride, OverrideAction, OverrideStatus
from rules.operations.overrides import (
    DEFAULT_BOOST,
    Overridden,
    OverrideDraft,
    cancel_override,
    create_override,
)
from rules.queries.standing import status_at, with_status

from .attempts import attempt, edit_of
from .form_choices import known_places
from .targets import offers
from .words import OVERRIDE_CHIPS, both_zones, window_words

_USUALLY_FOR = timedelta(days=7)
_OPEN = (OverrideStatus.ACTIVE, OverrideStatus.WAITING)


@admin.register(ManualOverride)
class OverrideAdmin(PageAdmin[ManualOverride]):
    list_title = "Manual overrides"
    add_verb = change_verb = "publish"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("items/", view(self.items), name="rules_manualoverride_items"),
            path(
                "<uuid:key>/cancel/",
                view(require_POST(self.cancel)),
                name="rules_manualoverride_cancel",
            ),
            *super().get_urls(),
        ]

    def list_page(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        asked = request.GET.dict()
        overrides = self.get_queryset(request)
        at = timezone.now()
        for name in ("action", "surface"):
            if value := asked.get(name):
                overrides = overrides.filter(**{name: value})
        if status := asked.get("status"):
            overrides = overrides.filter(with_status(status, at))
        if words := asked.get("q", "").strip():
            overrides = overrides.filter(item_id__startswith=words)
        page = newest_first(
            overrides, moment="created_at", after=asked.get("after", "")
        )
        wanted = {each.item_id for each in page.rows}
        items = Item.objects.filter(
            namespace=namespace, item_id__in=wanted, listed=True
        )
        known = {item.item_id: item for item in items}
        zone = namespace.time_zone
        return self.page(
            request,
            "recsys/overrides.html",
            title="Manual overrides",
            page=page,
            rows=[
                {
                    "override": each,
                    "item": known.get(each.item_id),
                    "status": OVERRIDE_CHIPS[status_at(each, at)],
                    "window": window_words(None, each.expires_at, at=at),
                    "tooltip": both_zones(None, each.expires_at, zone=zone),
                    "is_open": status_at(each, at) in _OPEN,
                }
                for each in page.rows
            ],
            facets=[
                facet("status", "Status", dict(OverrideStatus.choices), asked=asked),
                facet("action", "Kind", dict(OverrideAction.choices), asked=asked),
            ],
            may_publish=can(request.user, "publish", namespace),
        )

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        namespace = namespace_of(request)
        require(request.user, "publish", namespace)
        values: Mapping[str, str] = {
            "expires_at": _usual_end(namespace),
            **request.GET.dict(),
        }
        if request.method == "POST":
            values = request.POST.dict()
            edit = edit_of(request, namespace)

            def made() -> Overridden:
                return create_override(namespace, _draft(namespace, values), edit=edit)

            done = attempt(request, made)
            if done is not None:
                _tell(request, done)
                return HttpResponseRedirect(
                    reverse("admin:rules_manualoverride_changelist")
                )
        surfaces, _ = known_places(namespace)
        return self.page(
            request,
            "recsys/override_form.html",
            title="New manual override",
            crumbs=self.lists(),
            values=values,
            default_boost=DEFAULT_BOOST,
            surfaces=surfaces,
        )

    def items(self, request: HttpRequest) -> HttpResponse:
        """Answer with the items that a few words, or the start of an id, find."""
        self.require_view(request)
        words = request.GET.get("item_id", "").strip()
        found = offers(
            namespace_of(request), kind=TargetType.ITEM, words=words, chosen=()
        )
        return render(request, "recsys/item_options.html", {"offers": found})

    def row_page(self, request: HttpRequest, row: ManualOverride) -> HttpResponse:
        page = reverse("admin:rules_manualoverride_changelist")
        return HttpResponseRedirect(f"{page}?q={row.item_id}")

    def cancel(self, request: HttpRequest, key: str) -> HttpResponse:
        override = self.find(request, key)
        edit = edit_of(request, namespace_of(request))
        done = attempt(request, lambda: cancel_override(override, edit=edit))
        if done is not None:
            words = f"{done.get_action_display()} of {done.item_id} is cancelled."
            messages.success(request, words)
        return HttpResponseRedirect(reverse("admin:rules_manualoverride_changelist"))


def _usual_end(namespace: Namespace) -> str:
    """Return the end that is proposed: a week ahead, at midnight."""
    local = timezone.now().astimezone(ZoneInfo(namespace.time_zone))
    return f"{(local + _USUALLY_FOR).date().isoformat()}T00:00"


def _draft(namespace: Namespace, values: Mapping[str, str]) -> OverrideDraft:
    action = values.get("action", "")
    is_boost = action == OverrideAction.BOOST
    return OverrideDraft(
        surface=values.get("surface", "").strip() or "*",
        item_id=values.get("item_id", "").strip(),
        action=action,
        boost_value=_number(values.get("boost_value", "")) if is_boost else None,
        notes=values.get("reason", "").strip(),
        expires_at=_moment(values.get("expires_at", ""), namespace),
    )


def _number(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise refuse(
            "invalid_boost_value", "The strength must be a number.", field="boost_value"
        ) from None


def _moment(text: str, namespace: Namespace) -> datetime | None:
    """Read a wall clock of the namespace's zone."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(
            tzinfo=ZoneInfo(namespace.time_zone)
        )
    except ValueError:
        raise refuse(
            "invalid_expires_at",
            "Give the expiry as day and time.",
            field="expires_at",
        ) from None


def _tell(request: HttpRequest, done: Overridden) -> None:
    for finding in done.done.findings:
        messages.warning(request, finding.sentence)
    words = done.override.get_action_display()
    if done.done.is_waiting:
        messages.success(request, f"{words} of {done.override.item_id} is submitted.")
    else:
        messages.success(request, f"{words} of {done.override.item_id} is in force.")
