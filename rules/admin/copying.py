"""Copying chosen rules to another namespace."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.page import PageAdmin, namespace_of
from catalog.models import Namespace
from catalog.permissions import Staff, can, namespaces_of
from rules.models import Rule
from rules.operations.copying import copy_rules

from .attempts import actor_of, attempt
from .rule_rows import keys


def targets(staff: Staff, namespace: Namespace) -> Sequence[Namespace]:
    """Return the namespaces of the same org in which this person may draft."""
    others = namespaces_of(staff).filter(org_id=namespace.org_id)
    return [
        each for each in others.exclude(pk=namespace.pk) if can(staff, "edit", each)
    ]


class RuleCopyPages(PageAdmin[Rule]):
    def get_urls(self) -> list[URLPattern]:
        copy = self.admin_site.admin_view(require_POST(self.copy))
        return [path("copy/", copy, name="rules_rule_copy"), *super().get_urls()]

    def copy(self, request: HttpRequest) -> HttpResponse:
        self.require_view(request)
        chosen = keys(request.POST.getlist("rule"))
        rules = list(
            self.get_queryset(request)
            .filter(pk__in=chosen)
            .order_by("created_at", "pk")
        )
        wanted = request.POST.get("target", "")
        known = {
            str(each.pk): each for each in targets(request.user, namespace_of(request))
        }
        target = known.get(wanted)
        if target is None:
            messages.error(request, "Choose a namespace in which you may draft rules.")
            return HttpResponseRedirect(reverse("admin:rules_rule_changelist"))
        made = attempt(
            request,
            lambda: copy_rules(
                rules,
                target,
                actor=actor_of(request, target),
                reason=request.POST.get("reason", "")[:2_000],
                at=timezone.now(),
            ),
        )
        if made is None:
            return HttpResponseRedirect(reverse("admin:rules_rule_changelist"))
        messages.success(request, f"{made.title}, as drafts. Check them here.")
        page = reverse("admin:rules_changeset_change", args=[made.pk])
        return HttpResponseRedirect(f"{page}?ns={target.pk}")
