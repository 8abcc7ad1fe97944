"""Webhooks: who is told of alerts, and whether that arrived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.page import Chip, PageAdmin, namespace_of
from catalog.permissions import require
from rules.models import Delivery, DeliveryState, Webhook
from rules.operations.webhooks import (
    create_webhook,
    delete_webhook,
    queue_test,
    renew_secret,
    secret_of,
    switch_webhook,
)

from .attempts import actor_of, attempt

_SHOWN = 20
_CHIPS: Mapping[str, Chip] = {
    DeliveryState.WAITING: Chip(words="On its way", icon="clock", kind="info"),
    DeliveryState.DELIVERED: Chip(words="Delivered", icon="check", kind="good"),
    DeliveryState.FAILED: Chip(words="Given up", icon="warning", kind="bad"),
}


@admin.register(Webhook)
class WebhookAdmin(PageAdmin[Webhook]):
    view_verb = "administer"
    add_verb = "administer"
    list_title = "Webhooks"

    def get_urls(self) -> list[URLPattern]:
        act = self.admin_site.admin_view(require_POST(self.act))
        return [
            path("<uuid:key>/act/", act, name="rules_webhook_act"),
            *super().get_urls(),
        ]

    def list_page(self, request: HttpRequest) -> HttpResponse:
        rows = []
        for webhook in self.get_queryset(request).order_by("name", "pk"):
            newest = Delivery.objects.filter(webhook=webhook).order_by("-created_at")
            rows.append((webhook, _with_chips(newest[:1])))
        return self.page(request, "recsys/webhooks.html", title="Webhooks", rows=rows)

    def row_page(self, request: HttpRequest, row: Webhook) -> HttpResponse:
        deliveries = Delivery.objects.filter(webhook=row).order_by("-created_at", "pk")
        return self.page(
            request,
            "recsys/webhook_page.html",
            title=row.name,
            crumbs=self.lists(),
            webhook=row,
            deliveries=_with_chips(deliveries[:_SHOWN]),
        )

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        namespace = namespace_of(request)
        require(request.user, "administer", namespace)
        values = request.POST.dict()

        def make() -> Webhook:
            return create_webhook(
                namespace,
                name=values.get("name", ""),
                url=values.get("url", ""),
                actor=actor_of(request, namespace),
                at=timezone.now(),
            )

        made = attempt(request, make) if request.method == "POST" else None
        if made is not None:
            return self._secret_page(request, made)
        return self.page(
            request,
            "recsys/webhook_form.html",
            title="New webhook",
            crumbs=self.lists(),
            values=values,
        )

    def act(self, request: HttpRequest, key: str) -> HttpResponse:
        """Test, switch, delete a webhook, or make it another secret."""
        webhook = self.find(request, key)
        actor = actor_of(request, namespace_of(request))
        what = request.POST.get("act", "")
        if what == "secret":
            renew_secret(webhook, actor=actor)
            return self._secret_page(request, webhook)
        if what == "test":
            queue_test(webhook, actor=actor, at=timezone.now())
            messages.success(
                request, "The test is on its way. Look again whether it came."
            )
        elif what == "delete":
            delete_webhook(webhook, actor=actor)
            messages.success(request, f"{webhook.name} is told nothing any more.")
            return HttpResponseRedirect(reverse("admin:rules_webhook_changelist"))
        elif what in ("on", "off"):
            switch_webhook(webhook, on=what == "on", actor=actor)
        page = reverse("admin:rules_webhook_change", args=[webhook.pk])
        return HttpResponseRedirect(page)

    def _secret_page(self, request: HttpRequest, webhook: Webhook) -> HttpResponse:
        return self.page(
            request,
            "recsys/webhook_secret.html",
            title=f"Secret of {webhook.name}",
            crumbs=self.lists(),
            webhook=webhook,
            secret=secret_of(webhook),
        )


def _with_chips(deliveries: Any) -> list[tuple[Delivery, Chip]]:
    return [(each, _CHIPS[each.state]) for each in deliveries]
