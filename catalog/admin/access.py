from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.models import ApiKey, Membership, Namespace, Scope
from catalog.operations.keys import create_key, revoke_key
from catalog.permissions import require

from .page import Chip, PageAdmin, RoleAdmin, namespace_of


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
    """Keys of the namespace's org. A secret is shown in the answer that makes it, only."""

    view_verb = "administer"
    add_verb = "administer"
    list_title = "API keys"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        return ApiKey.objects.filter(org_id=namespace_of(request).org_id)

    def get_urls(self) -> list[URLPattern]:
        revoke = self.admin_site.admin_view(require_POST(self.revoke))
        return [path("<int:key>/revoke/", revoke, name="catalog_apikey_revoke"), *super().get_urls()]

    def list_page(self, request: HttpRequest) -> HttpResponse:
        keys = self.get_queryset(request).order_by("revoked_at", "-created_at", "pk")
        now = timezone.now()
        return self.page(
            request,
            "recsys/keys.html",
            title="API keys",
            rows=[
                (key, _state(key, at=now)) for key in keys.prefetch_related("namespaces")[:200]
            ],
        )

    def row_page(self, request: HttpRequest, row: ApiKey) -> HttpResponse:  # noqa: ARG002
        return HttpResponseRedirect(reverse("admin:catalog_apikey_changelist"))

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",  # noqa: ARG002
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        require(request.user, "administer", namespace_of(request))
        form = NewKeyForm(request.POST or None, initial={"scopes": [Scope.RANK]})
        if request.method == "POST" and form.is_valid():
            return self._create(request, form.cleaned_data)
        return self.page(
            request, "recsys/key_form.html", title="New API key", crumbs=self.lists(), form=form
        )

    def _create(self, request: HttpRequest, wanted: dict[str, Any]) -> HttpResponse:
        namespace = namespace_of(request)
        day = wanted["expires_at"]
        now = timezone.now()
        key, secret = create_key(
            namespace.org,
            name=wanted["name"],
            scopes=wanted["scopes"],
            namespaces=() if wanted["everywhere"] else (namespace,),
            expires_at=now.replace(year=day.year, month=day.month, day=day.day) if day else None,
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


def _state(key: ApiKey, *, at: Any) -> Chip:
    if key.revoked_at is not None:
        return Chip(words="revoked", icon="block")
    if key.expires_at is not None and key.expires_at <= at:
        return Chip(words="expired", icon="clock", kind="warn")
    return Chip(words="in use" if key.last_used_at else "never used", icon="key", kind="good")


@admin.register(Membership)
class MembershipAdmin(RoleAdmin[Membership]):
    """Who has which role in the namespace that is looked at, or in its whole org."""

    view_verb = add_verb = change_verb = delete_verb = "administer"
    list_display = ["staff", "role", "org", "namespace"]
    list_select_related = ["staff", "org", "namespace"]
    ordering = ["staff__username", "pk"]
    fields = ["staff", "role", "org", "namespace"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        namespace = namespace_of(request)
        return Membership.objects.filter(
            Q(namespace=namespace) | Q(namespace=None), org_id=namespace.org_id
        )

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        namespace = namespace_of(request)
        if db_field.name == "org":
            kwargs["queryset"] = type(namespace.org).objects.filter(pk=namespace.org_id)
            kwargs["initial"] = namespace.org_id
        if db_field.name == "namespace":
            kwargs["queryset"] = Namespace.objects.filter(org_id=namespace.org_id)
            kwargs["initial"] = namespace.pk
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
