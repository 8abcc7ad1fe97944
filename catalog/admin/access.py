from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.models import ApiKey, Scope
from catalog.operations.keys import create_key, revoke_key
from catalog.permissions import can_everywhere, require

from .page import Chip, PageAdmin, namespace_of


class NewKeyForm(forms.Form):
    name = forms.CharField(max_length=100, help_text="Who or what will use it.")
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices, widget=forms.CheckboxSelectMultiple
    )
    everywhere = forms.BooleanField(
        required=False, label="In every namespace of the organisation"
    )
    expires_at = forms.DateField(
        required=False,
        label="Last day",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Empty: it does not expire.",
    )


@admin.register(ApiKey)
class ApiKeyAdmin(PageAdmin[ApiKey]):
    """Keys of the namespace's org. A secret is shown once, when it is made."""

    view_verb = "administer"
    add_verb = "administer"
    list_title = "API keys"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        namespace = namespace_of(request)
        keys = ApiKey.objects.filter(org_id=namespace.org_id)
        if can_everywhere(request.user, "administer", namespace.org_id):
            return keys
        # Who keeps one namespace must not revoke what serves the others.
        elsewhere = keys.exclude(namespaces=namespace)
        return keys.exclude(pk__in=elsewhere).filter(namespaces=namespace)

    def get_urls(self) -> list[URLPattern]:
        revoke = self.admin_site.admin_view(require_POST(self.revoke))
        return [
            path("<int:key>/revoke/", revoke, name="catalog_apikey_revoke"),
            *super().get_urls(),
        ]

    def list_page(self, request: HttpRequest) -> HttpResponse:
        keys = self.get_queryset(request).order_by("revoked_at", "-created_at", "pk")
        now = timezone.now()
        return self.page(
            request,
            "recsys/keys.html",
            title="API keys",
            rows=[
                (key, _state(key, at=now))
                for key in keys.prefetch_related("namespaces")[:200]
            ],
        )

    def row_page(self, request: HttpRequest, row: ApiKey) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:catalog_apikey_changelist"))

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        require(request.user, "administer", namespace_of(request))
        form = NewKeyForm(request.POST or None, initial={"scopes": [Scope.RANK]})
        if request.method == "POST" and form.is_valid():
            return self._create(request, form.cleaned_data)
        return self.page(
            request,
            "recsys/key_form.html",
            title="New API key",
            crumbs=self.lists(),
            form=form,
        )

    def _create(self, request: HttpRequest, wanted: dict[str, Any]) -> HttpResponse:
        namespace = namespace_of(request)
        everywhere = wanted["everywhere"]
        if everywhere and not can_everywhere(
            request.user, "administer", namespace.org_id
        ):
            raise PermissionDenied(
                "Only an admin of the whole organisation may do this."
            )
        day = wanted["expires_at"]
        now = timezone.now()
        key, secret = create_key(
            namespace.org,
            name=wanted["name"],
            scopes=wanted["scopes"],
            namespaces=() if everywhere else (namespace,),
            expires_at=now.replace(year=day.year, month=day.month, day=day.day)
            if day
            else None,
        )
        return self.page(
            request,
            "recsys/key_shown.html",
            title=f"Key for {key.name}",
            crumbs=self.lists(),
            secret=secret,
        )

    def revoke(self, request: HttpRequest, key: int) -> HttpResponse:
        row = self.find(request, str(key))
        revoke_key(row, at=timezone.now())
        messages.success(request, f"{row.name} cannot call any more.")
        return HttpResponseRedirect(reverse("admin:catalog_apikey_changelist"))


def _state(key: ApiKey, *, at: datetime) -> Chip:
    if key.revoked_at is not None:
        return Chip(words="revoked", icon="block")
    if key.expires_at is not None and key.expires_at <= at:
        return Chip(words="expired", icon="clock", kind="warn")
    return Chip(
        words="in use" if key.last_used_at else "never used", icon="key", kind="good"
    )
