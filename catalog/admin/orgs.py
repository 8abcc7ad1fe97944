from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminSelectWidget

from catalog.models import Namespace, Org
from catalog.permissions import namespaces_of

from .page import RoleAdmin


class NamespaceForm(forms.ModelForm[Namespace]):
    time_zone = forms.ChoiceField(
        choices=[(name, name) for name in sorted(available_timezones())],
        widget=UnfoldAdminSelectWidget,
        help_text="All times in the admin are shown in it.",
    )

    class Meta:
        model = Namespace
        fields = ["org", "name", "title", "is_production", "time_zone", "currency"]
        fields += ["clock", "four_eyes", "embedding_model"]


@admin.register(Namespace)
class NamespaceAdmin(RoleAdmin[Namespace]):
    form = NamespaceForm
    add_verb = change_verb = "administer"
    list_display = [
        "name",
        "title",
        "org",
        "time_zone",
        "currency",
        "clock",
        "is_production",
    ]
    list_select_related = ["org"]
    search_fields = ["name", "title"]
    ordering = ["org_id", "name"]
    readonly_fields = ["embedding_dimension", "change_number", "newest_event_at"]
    fieldsets = [
        (None, {"fields": [("org", "name"), ("title", "is_production")]}),
        ("Time and money", {"fields": [("time_zone", "currency"), "clock"]}),
        ("Changes", {"fields": ["four_eyes"]}),
        (
            "Data",
            {
                "fields": [
                    ("embedding_model", "embedding_dimension"),
                    ("change_number", "newest_event_at"),
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Namespace]:
        return namespaces_of(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(
            getattr(request.user, "is_superuser", False)
        ) or super().has_add_permission(request)

    def has_view_permission(
        self, request: HttpRequest, obj: Namespace | None = None
    ) -> bool:
        return self.has_add_permission(request) or super().has_view_permission(
            request, obj
        )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_readonly_fields(
        self,
        request: HttpRequest,
        obj: Namespace | None = None,
    ) -> list[str]:
        # Keys of every row begin with them: a namespace keeps its org and its name.
        return [*self.readonly_fields, *(["org", "name"] if obj else [])]

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "org" and not getattr(request.user, "is_superuser", False):
            orgs = namespaces_of(request.user).order_by().values("org_id")
            kwargs["queryset"] = Org.objects.filter(pk__in=orgs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Org)
class OrgAdmin(RoleAdmin[Org]):
    list_display = ["name", "id", "created_at"]
    ordering = ["name", "id"]
    fields = ["id", "name"]

    def _is_root(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    def has_view_permission(self, request: HttpRequest, obj: Org | None = None) -> bool:
        return self._is_root(request)

    has_change_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._is_root(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._is_root(request)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Org | None = None
    ) -> list[str]:
        return ["id"] if obj else []
