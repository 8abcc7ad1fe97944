from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from catalog.admin.page import TitledAdmin

Account = get_user_model()
admin.site.unregister([Account, Group])  # Groups play no part here: roles do.


@admin.register(Account)
class StaffAdmin(TitledAdmin, UserAdmin):  # type: ignore[type-arg]
    """Accounts of staff. What they may do follows from their memberships."""

    list_title = "Staff"
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = [
        "username",
        "first_name",
        "last_name",
        "email",
        "is_active",
        "last_login",
    ]
    list_filter = ["is_active", "is_superuser"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": [("first_name", "last_name"), "email"]}),
        ("Access", {"fields": [("is_active", "is_staff", "is_superuser")]}),
    ]

    def _is_root(self, request: HttpRequest, obj: object = None) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    has_view_permission = has_change_permission = has_delete_permission = _is_root

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._is_root(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._is_root(request)
