from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from catalog.models import Membership, Namespace, Role
from catalog.permissions import can_everywhere

from .page import RoleAdmin, namespace_of

Account = get_user_model()
_HERE, _EVERYWHERE = "here", "everywhere"


class MembershipForm(forms.ModelForm[Membership]):
    """A staff member by name: who is on other organisations' staff is not shown."""

    username = forms.CharField(
        label="User name", widget=UnfoldAdminTextInputWidget, max_length=150
    )
    role = forms.ChoiceField(choices=Role.choices, widget=UnfoldAdminSelectWidget)
    where = forms.ChoiceField(
        choices=[(_HERE, "in this namespace"), (_EVERYWHERE, "in every namespace")],
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = Membership
        fields = ["role"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["username"].initial = self.instance.staff.get_username()
            whole = self.instance.namespace_id is None
            self.fields["where"].initial = _EVERYWHERE if whole else _HERE

    def clean_username(self) -> str:
        name = cast("str", self.cleaned_data["username"])
        staff = Account.objects.filter(username=name, is_staff=True).first()
        if staff is None:
            raise forms.ValidationError("Nobody on the staff has this name.")
        self.instance.staff = staff
        return name


@admin.register(Membership)
class MembershipAdmin(RoleAdmin[Membership]):
    """Who has which role in the namespace that is looked at, or in its whole org.

    Roles in the whole org are given and taken by those who are admins of all of it.
    """

    form = MembershipForm
    view_verb = add_verb = change_verb = delete_verb = "administer"
    list_display = ["staff", "role", "where"]
    list_select_related = ["staff", "org", "namespace"]
    ordering = ["staff__username", "pk"]
    fields = ["username", "role", "where"]

    @admin.display(description="Where")
    def where(self, membership: Membership) -> str:
        return membership.namespace.name if membership.namespace else "every namespace"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        namespace = namespace_of(request)
        return Membership.objects.filter(
            Q(namespace=namespace) | Q(namespace=None), org_id=namespace.org_id
        )

    def has_change_permission(
        self, request: HttpRequest, obj: Membership | None = None
    ) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and self._may_touch(request, obj)

    def has_delete_permission(
        self, request: HttpRequest, obj: Membership | None = None
    ) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and self._may_touch(request, obj)

    def _may_touch(self, request: HttpRequest, obj: Membership | None) -> bool:
        if obj is None or obj.namespace_id is not None:
            return True
        return can_everywhere(request.user, "administer", obj.org_id)

    def save_model(
        self,
        request: HttpRequest,
        obj: Membership,
        form: forms.ModelForm[Membership],
        change: bool,  # noqa: FBT001
    ) -> None:
        namespace: Namespace | None = namespace_of(request)
        assert namespace is not None
        obj.org_id = namespace.org_id
        if form.cleaned_data["where"] == _EVERYWHERE:
            if not can_everywhere(request.user, "administer", namespace.org_id):
                raise PermissionDenied(
                    "Only an admin of the whole organisation may do this."
                )
            namespace = None
        obj.namespace = namespace
        super().save_model(request, obj, form, change)
