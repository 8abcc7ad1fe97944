"""What all our admin pages share: one namespace, roles instead of permissions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.admin import ModelAdmin

from catalog.core.preview_as import NAMES
from catalog.models import Namespace
from catalog.permissions import Verb, can
from catalog.staff import StaffRequest

from .recent import remember

# What may stand in a list's address without narrowing it.
_NO_FILTERS = {"ns", "after", *NAMES}


@dataclass(frozen=True, kw_only=True)
class Crumb:
    title: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A state in an icon and words; the colour only repeats them."""

    words: str
    icon: str = "dot"
    kind: str = ""


def namespace_of(request: HttpRequest) -> Namespace:
    """Return the namespace that the staff member looks at, or 404 without one."""
    namespace = cast("StaffRequest", request).namespace
    if namespace is None:
        raise Http404("No namespace.")
    return namespace


def is_narrowed(request: HttpRequest) -> bool:
    """Tell whether a list's address asks for some of its rows only."""
    return any(request.GET.get(name) for name in set(request.GET) - _NO_FILTERS)


class TitledAdmin(ModelAdmin):  # type: ignore[misc]
    """The theme's lists and forms under the names of what they show."""

    list_title = ""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = self.list_title or _capitalised(self.opts.verbose_name_plural)
        context = {"title": title, "subtitle": None, **(extra_context or {})}
        return cast("HttpResponse", super().changelist_view(request, context))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id) if object_id else None
        title = str(row) if row else f"New {self.opts.verbose_name}"
        context = {"title": title, "subtitle": None, **(extra_context or {})}
        return cast(
            "HttpResponse",
            super().changeform_view(request, object_id, form_url, context),
        )


def _capitalised(words: object) -> str:
    text = str(words)
    return text[0].upper() + text[1:]


class RoleAdmin[M: models.Model](TitledAdmin):
    """Who may do what follows from the role in the namespace, nothing else."""

    view_verb: Verb = "view"
    add_verb: Verb | None = None
    change_verb: Verb | None = None
    delete_verb: Verb | None = None
    save_on_top = False
    show_full_result_count = False

    def _allows(self, request: HttpRequest, verb: Verb | None) -> bool:
        return verb is not None and can(
            request.user, verb, getattr(request, "namespace", None)
        )

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self._allows(request, self.view_verb)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._allows(request, self.view_verb)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._allows(request, self.add_verb)

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self._allows(request, self.change_verb)

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self._allows(request, self.delete_verb)


class PageAdmin[M: models.Model](RoleAdmin[M]):
    """A list and a page of each row, drawn by our own templates."""

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[M]:
        namespace = namespace_of(request)
        manager = cast("models.Manager[M]", self.model._default_manager)
        return manager.filter(namespace=namespace)

    def require_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def find(self, request: HttpRequest, key: str) -> M:
        self.require_view(request)
        try:
            return self.get_queryset(request).get(pk=key)
        except (self.model.DoesNotExist, ValidationError, ValueError):
            raise Http404(
                f"No {self.opts.verbose_name} {key} in this namespace."
            ) from None

    def page(
        self, request: HttpRequest, template: str, *, title: str, **context: Any
    ) -> HttpResponse:
        """Answer with a page of ours inside the frame."""
        common = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": None,
            "is_narrowed": is_narrowed(request),
        }
        return TemplateResponse(request, template, {**common, **context})

    def changelist_view(
        self,
        request: HttpRequest,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if getattr(request, "namespace", None) is None:
            return self.page(request, "recsys/no_namespace.html", title="No namespace")
        self.require_view(request)
        return self.list_page(request)

    def list_page(self, request: HttpRequest) -> HttpResponse:
        raise NotImplementedError

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.find(request, object_id)
        page = self.row_page(request, row)
        if request.method == "GET":
            remember(request, title=str(row), kind=str(self.opts.verbose_name))
        return page

    def row_page(self, request: HttpRequest, row: M) -> HttpResponse:
        """Answer with the page of one row, where rows have one."""
        raise Http404(f"{self.opts.verbose_name_plural} have no pages of their own.")

    def lists(self) -> Sequence[Crumb]:
        """Return the way back to the list."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_changelist"
        url = reverse(f"admin:{name}")
        title = self.list_title or _capitalised(self.opts.verbose_name_plural)
        return [Crumb(title=title, url=url)]
